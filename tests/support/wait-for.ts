// Waits until something holds, for tests of processes and sockets that have no event to await. No
// assertion about how long it takes: the limit only turns a hang into a clear failure.
// Always: looking takes at most a fifth of the time, so that a question that reads a whole journal
// leaves the processors to those it waits for.

/** Resolves when `holds()` is true; rejects naming `what` after `limitMs`. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const askedMs = performance.now();
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for: ${what}`);
    const restMs = Math.min(100, Math.max(5, 4 * (performance.now() - askedMs)));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}
