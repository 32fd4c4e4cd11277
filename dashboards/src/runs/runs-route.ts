// Which research page is on show, in the fragment of the address, so that back, reload and links
// work. Used by every part of the research pages. Always holds: an address that means nothing shows
// the list.
import { ref } from 'vue';

export type Route =
  | { readonly page: 'list' }
  | { readonly page: 'new'; readonly from: string }
  | { readonly page: 'run'; readonly id: string }
  | { readonly page: 'compare'; readonly ids: readonly string[] };

const ID = /^\d{8}-\d{6}-\d{3}[0-9a-f]{3}$/;

export function routeOf(fragment: string): Route {
  const [page = '', rest = ''] = fragment.replace(/^#\/?/, '').split('/');
  const ids = rest.split(',').filter((id) => ID.test(id));
  if (page === 'new') return { page, from: ids[0] ?? '' };
  if (page === 'run' && ids[0] !== undefined) return { page, id: ids[0] };
  if (page === 'compare' && ids.length > 1) return { page, ids: ids.slice(0, 8) };
  return { page: 'list' };
}

export function addressOf(route: Route): string {
  if (route.page === 'run') return `#/run/${route.id}`;
  if (route.page === 'compare') return `#/compare/${route.ids.join(',')}`;
  if (route.page === 'new') return route.from === '' ? '#/new' : `#/new/${route.from}`;
  return '#/';
}

export const route = ref<Route>(routeOf(location.hash));
addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});

export function go(next: Route): void {
  location.hash = addressOf(next);
}

/** Runs that a person ticked, for a comparison. */
export const picked = ref<string[]>([]);
