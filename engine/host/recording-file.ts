// Name of an actor's recording inside a recording folder; written by the recorder, read by replay.
// Actor names hold colons, which Windows does not allow in file names.
import { join } from 'node:path';

/** Path of the recording of `actor` in `dir`. */
export function recordingFile(dir: string, actor: string): string {
  return join(dir, `${actor.replaceAll(':', '-')}.frames`);
}
