// Waits until something holds, for tests of processes and sockets that have no event to await. No
// assertion about how long it takes: the limit only turns a hang into a clear failure.

/** Resolves when `holds()` is true; rejects naming `what` after `limitMs`. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
