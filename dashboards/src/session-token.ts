// The command token: arrives once in the URL's fragment, lives in sessionStorage of this tab, and
// never stays in the address bar, the history or a request. Called at start and when the fragment
// changes (a new URL pasted into an open tab). Always holds: after `takeToken` the address shows
// no token.

const KEY = 'pankou.token';

/** The token inside a fragment such as `#token=abc`, or undefined. */
export function tokenOfFragment(fragment: string): string | undefined {
  const value = new URLSearchParams(fragment.replace(/^#/, '')).get('token');
  return value === null || value === '' ? undefined : value;
}

/** Move a token from the address bar into the session; return the one in force, or ''. */
export function takeToken(): string {
  const fresh = tokenOfFragment(location.hash);
  if (fresh !== undefined) {
    sessionStorage.setItem(KEY, fresh);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY) ?? '';
}
