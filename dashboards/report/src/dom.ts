// Small makers of elements. Always: text goes in as text, never as HTML, so nothing that stands in
// data or in a strategy's own words can become part of the page.

type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  node.append(...children);
  return node;
}

/** A section with its heading. */
export function section(title: string, ...children: Child[]): HTMLElement {
  return el('section', '', el('h2', '', title), ...children);
}

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly right?: boolean;
}

export function table(
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const head = el('tr', '', ...columns.map(({ title, right }) => el('th', cls(right), title)));
  const body = rows.map((cells) =>
    el('tr', '', ...cells.map((cell, i) => el('td', cls(columns[i]?.right), cell))),
  );
  return el('div', 'scroll', el('table', '', el('thead', '', head), el('tbody', '', ...body)));
}

function cls(right: boolean | undefined): string {
  return right === true ? 'right' : '';
}

/** Something that is made when a person opens it: of thousands of lines nobody reads all. */
export function folded(title: string, make: () => Node): HTMLElement {
  const fold = el('details', '', el('summary', 'dim', title));
  const fill = (): void => {
    fold.append(make());
  };
  fold.addEventListener('toggle', fill, { once: true });
  return fold;
}

/** A choice of one of several texts; `onPick` hears the index. */
export function picker(options: readonly string[], onPick: (index: number) => void): HTMLElement {
  const select = el('select');
  for (const [i, text] of options.entries()) {
    const option = el('option', '', text);
    option.value = String(i);
    select.append(option);
  }
  select.addEventListener('change', () => onPick(Number(select.value)));
  return select;
}
