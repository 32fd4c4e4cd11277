// The wire between engine and bridge in the crash rig: passes bytes on, until it is cut. Used by
// crash-rig.ts. Always: a cut ends every connection at once, in the middle of whatever was under
// way, and lets none through until it is mended.
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class LinkProxy {
  cuts = 0;
  readonly #to: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(to: string) {
    this.#to = to;
    this.#server = createServer((near) => this.#onEngine(near));
  }

  listen(path: string): Promise<void> {
    rmSync(path, { force: true });
    return new Promise((done) => this.#server.listen(path, done));
  }

  cut(): void {
    this.cuts++;
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #onEngine(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect({ path: this.#to });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other, { end: false });
    }
  }
}
