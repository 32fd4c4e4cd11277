// The wire between engine and bridge in the crash rig: passes bytes on, until it is cut. Used by
// crash-rig.ts. Two kinds of cuts: `closed` ends every connection at once, in the middle of
// whatever was under way (a process or a router that says so); `silent` passes nothing on and
// tells nobody (a pulled cable): both ends must notice by themselves. None comes through until it
// is mended; what a silent cut held back goes on then, as TCP does, where both ends still have
// the connection.
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LinkSteps } from './link-steps.ts';

export type CutKind = 'closed' | 'silent';

export class LinkProxy {
  cuts = 0;
  readonly steps = new LinkSteps();
  readonly #to: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: CutKind | '' = '';

  constructor(to: string) {
    this.#to = to;
    // An end that closes is told to the other by #join alone.
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#onEngine(near));
  }

  listen(path: string): Promise<void> {
    rmSync(path, { force: true });
    return new Promise((done) => this.#server.listen(path, done));
  }

  cut(kind: CutKind = 'closed'): void {
    this.cuts++;
    this.#cut = kind;
    for (const socket of this.#sockets) {
      if (kind === 'closed') socket.destroy();
      else socket.pause();
    }
  }

  mend(): void {
    this.#cut = '';
    this.steps.begin(performance.now());
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#cut = 'closed';
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #onEngine(near: Socket): void {
    if (this.#cut === 'closed') {
      near.destroy();
      return;
    }
    const far = connect({ path: this.#to, allowHalfOpen: true });
    const ear = this.steps.connection();
    this.#join(near, far, (piece) => ear.fromEngine(piece));
    this.#join(far, near, (piece) => ear.fromBridge(piece));
    if (this.#cut === 'silent') for (const socket of [near, far]) socket.pause();
  }

  /** Bytes of one end go to the other, and its end too; not through a cable that is pulled. */
  #join(one: Socket, other: Socket, hear: (piece: Buffer) => void): void {
    this.#sockets.add(one);
    one.setNoDelay(true);
    one.on('data', (piece: Buffer) => {
      hear(piece);
      if (!other.destroyed && !other.write(piece)) {
        one.pause();
        other.once('drain', () => this.#cut === '' && one.resume());
      }
    });
    one.on('error', () => one.destroy());
    const end = (): void => {
      this.#sockets.delete(one);
      if (!one.destroyed) one.destroy();
      other.destroy();
    };
    one.on('end', end);
    one.on('close', end);
  }
}
