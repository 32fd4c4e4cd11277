// Ties this process to the one that handed over to it: tools/pankou.mjs holds an IPC channel open
// while it lives. Called once by tools/cli.ts. Always: without a channel nothing happens,
// and the channel never keeps this process alive.

/** When the parent is gone, ends in order as if a SIGTERM had come; without a handler, at once. */
export function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(143);
  });
  process.channel?.unref();
}
