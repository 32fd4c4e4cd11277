// CSV as Pankou writes it: commas, `\n` line ends, quotes only where a cell needs them. Called by
// whatever leaves tables behind (days, runs, sweeps). Always: a reader gets each cell back as it
// was.

type Cell = string | number;

/** Head and rows, a line each. */
export function csvLines(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${[head, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`;
}

function csvCell(value: Cell): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
