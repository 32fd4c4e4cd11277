// The second link to a bridge, for its kill flag alone: kept open by the api process and opened by
// `pankou kill`, so a kill reaches the bridge although the core is frozen or dead. Loaded by path
// (engine/control/bridge-kill.ts is the contract). Always: it connects again for ever; a kill that
// the bridge has not confirmed is said again on every new connection; nothing is released unasked.
import { connect } from 'node:net';
import { z } from 'zod';
import type { BridgeKill, BridgeKillOptions } from '../../engine/control/bridge-kill.ts';
import { readSecret, targetOf } from './address.ts';
import * as shake from './handshake.ts';
import { type ChannelHandler, LinkChannel } from './link-channel.ts';

const RETRY_MS = 100;
const RETRY_MAX_MS = 3_000;

const killedSchema = z.object({
  kind: z.literal('killed'),
  accounts: z.array(z.string()),
  on: z.boolean(),
});

export class KillLink implements BridgeKill, ChannelHandler {
  readonly #options: BridgeKillOptions;
  readonly #secret: string;
  /** What was asked and not confirmed, by account ('*' = all): on or off. */
  readonly #asked = new Map<string, boolean>();
  #channel: LinkChannel | null = null;
  #nonce = '';
  #isOpen = false;
  #isClosed = false;
  #retryMs = RETRY_MS;
  #toldLast = '';

  /** Throws when the secret cannot be read or the address is malformed. */
  constructor(options: BridgeKillOptions) {
    this.#options = options;
    this.#secret = readSecret(options.secretFile);
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isConfirmed(): boolean {
    return this.#asked.size === 0;
  }

  set(account: string, on: boolean): boolean {
    this.#asked.set(account, on);
    if (!this.#isOpen) return false;
    this.#say(account, on);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#channel?.close('closed here');
  }

  onFrame(): boolean {
    return true;
  }

  onPiece(): void {}

  onJson(message: unknown): boolean {
    const refused = shake.refusedSchema.safeParse(message);
    if (refused.success) {
      this.#tell(`refused: ${refused.data.text}`);
      // An account that the bridge has not: saying it again would only end each new connection.
      if (this.#isOpen) for (const [account] of this.#asked) this.#forget(account);
      return false;
    }
    const challenge = shake.challengeSchema.safeParse(message);
    if (challenge.success) return this.#onChallenge(challenge.data);
    if (shake.welcomeSchema.safeParse(message).success) {
      this.#isOpen = true;
      // A bridge that does not know its day yet refuses the kill after the welcome.
      if (this.isConfirmed) this.#retryMs = RETRY_MS;
      this.#tell('open');
      for (const [account, on] of this.#asked) this.#say(account, on);
      return true;
    }
    const killed = killedSchema.safeParse(message);
    if (!killed.success) return true;
    const { accounts, on } = killed.data;
    for (const account of [...accounts, '*']) {
      if (this.#asked.get(account) === on) this.#asked.delete(account);
    }
    this.#options.onSet?.(accounts, on);
    return true;
  }

  onClosed(why: string): void {
    this.#isOpen = false;
    this.#channel = null;
    if (this.#isClosed) return;
    this.#tell(`lost: ${why}`);
    // A bridge that is away for long must not keep a command line from ending.
    setTimeout(() => this.#connect(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #connect(): void {
    if (this.#isClosed) return;
    const socket = connect({ ...targetOf(this.#options.address) } as { path: string });
    this.#nonce = shake.newNonce();
    this.#channel = new LinkChannel(socket, this);
    this.#channel.sendJson(shake.makeHello('control', this.#nonce));
  }

  /** The bridge must know the secret too: a stranger on its port would swallow the kill. */
  #onChallenge(challenge: z.output<typeof shake.challengeSchema>): boolean {
    const proof = shake.answerTo(challenge, this.#secret, 'control', this.#nonce);
    if (proof === null) {
      this.#tell('wrong secret: bridge and engine must share one');
      return false;
    }
    const login = { kind: 'login', proof, engineId: process.pid, day: 0, accounts: [] };
    this.#channel?.sendJson(login);
    return true;
  }

  #forget(account: string): void {
    if (account !== '*') this.#asked.delete(account);
  }

  #say(account: string, on: boolean): void {
    this.#channel?.sendJson({ kind: 'kill', account, on });
  }

  /** A retry that meets the same is not told again. */
  #tell(text: string): void {
    if (text === this.#toldLast) return;
    this.#toldLast = text;
    this.#options.log(text);
  }
}

/** The contract's entry. */
export function openBridgeKill(options: BridgeKillOptions): BridgeKill {
  return new KillLink(options);
}
