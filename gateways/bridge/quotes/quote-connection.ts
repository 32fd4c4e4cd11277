// One connection to a quote bridge, from the hello to its end: proves the secret both ways, asks
// for instruments, hands on details, quotes, clock and notices. Used once by askQuotes and again
// and again by the quote link's thread. Always: nobody's quote is read before his proof; after
// onEnd nothing else is heard.
import { connect, type Socket } from 'node:net';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { targetOf } from '../address.ts';
import * as shake from '../handshake.ts';
import { type ChannelHandler, LinkChannel } from '../link-channel.ts';
import * as say from './quote-messages.ts';

/** Who asks for what. */
export interface QuoteWish {
  readonly address: string;
  readonly secret: string;
  readonly symbols: readonly string[];
  /** Day of the session, 20260105; 0 = as the bridge says. */
  readonly day: number;
  /** Quotes are wanted, not the details alone. */
  readonly watch: boolean;
}

export interface QuoteHandler {
  onWelcome(welcome: say.Welcome): void;
  /** All rows, in the order of the symbols. */
  onDetails(rows: readonly say.Detail[]): void;
  /** Valid during the call only. */
  onQuote(memory: FrameMemory, at: number): void;
  onClock(clockMs: number): void;
  onNotice(notice: say.Notice): void;
  /** All messages of one piece of the stream were handed over. */
  onPiece(): void;
  /** Once, last: why; `refused`: the bridge, or its proof, said no. */
  onEnd(why: string, refused: boolean): void;
}

export class QuoteConnection implements ChannelHandler {
  readonly #wish: QuoteWish;
  readonly #handler: QuoteHandler;
  readonly #channel: LinkChannel;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #nonce = shake.newNonce();
  readonly #rows: say.Detail[] = [];
  #state: 'hello' | 'login' | 'details' | 'quotes' = 'hello';
  #refusal = '';

  /** Connects at once. Throws when the address is malformed. */
  constructor(wish: QuoteWish, handler: QuoteHandler) {
    this.#wish = wish;
    this.#handler = handler;
    const socket: Socket = connect({ ...targetOf(wish.address) } as { path: string });
    const channel = new LinkChannel(socket, this);
    this.#channel = channel;
    socket.once('connect', () => channel.sendJson(shake.makeHello('quotes', this.#nonce)));
    this.#timer = setTimeout(() => channel.close('no handshake'), shake.HANDSHAKE_MS);
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  end(why: string): void {
    this.#channel.end(why);
  }

  onJson(message: unknown): boolean {
    const refused = shake.refusedSchema.safeParse(message);
    if (refused.success) return this.#refuse(`refused: ${refused.data.text}`);
    if (this.#state === 'hello') return this.#onChallenge(message);
    if (this.#state === 'login') return this.#onWelcome(message);
    const clock = say.clockSchema.safeParse(message);
    const notice = say.noticeSchema.safeParse(message);
    if (clock.success) this.#handler.onClock(clock.data.clockMs);
    else if (notice.success) this.#handler.onNotice(notice.data);
    else if (this.#state === 'details') return this.#onDetails(message);
    else return this.#refuse('it sent a message that is none of the quote protocol');
    return true;
  }

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    if (this.#state !== 'quotes') return this.#refuse('it sent quotes before its details');
    if (type !== SnapshotTick.TYPE) return this.#refuse(`it sent a frame of type ${type}`);
    this.#handler.onQuote(memory, at);
    return true;
  }

  onPiece(): void {
    this.#handler.onPiece();
  }

  onClosed(why: string): void {
    clearTimeout(this.#timer);
    const text = this.#refusal !== '' ? this.#refusal : why;
    this.#handler.onEnd(text, this.#refusal !== '');
  }

  #onChallenge(message: unknown): boolean {
    const found = shake.challengeSchema.safeParse(message);
    if (!found.success) return this.#refuse('it is no bridge of pankou');
    const { secret, day } = this.#wish;
    const proof = shake.answerTo(found.data, secret, 'quotes', this.#nonce);
    if (proof === null) {
      return this.#refuse("wrong secret: the bridge's secret file and market.secretFile differ");
    }
    this.#channel.sendJson({ kind: 'login', proof, engineId: 0, day, accounts: [] });
    this.#state = 'login';
    return true;
  }

  #onWelcome(message: unknown): boolean {
    const found = say.welcomeSchema.safeParse(message);
    if (!found.success) return this.#refuse('this bridge gives no quotes (an older version?)');
    const { day, symbols, watch } = this.#wish;
    const welcome = found.data;
    if (day !== 0 && welcome.day !== day) {
      return this.#refuse(`its day is ${welcome.day}, the session's ${day}: start again`);
    }
    clearTimeout(this.#timer);
    this.#state = 'details';
    this.#handler.onWelcome(welcome);
    let last = false;
    for (let i = 0; !last; i += say.SYMBOLS_PER_MESSAGE) {
      const part = symbols.slice(i, i + say.SYMBOLS_PER_MESSAGE);
      last = i + part.length === symbols.length;
      this.#channel.sendJson({ kind: 'subscribe', symbols: part, watch, last });
    }
    return true;
  }

  #onDetails(message: unknown): boolean {
    const found = say.detailsSchema.safeParse(message);
    if (!found.success) return this.#refuse('its details of the instruments cannot be read');
    this.#rows.push(...found.data.rows);
    if (!found.data.last) return true;
    const { symbols } = this.#wish;
    const isWhole =
      this.#rows.length === symbols.length &&
      this.#rows.every(({ symbol }, i) => symbol === symbols[i]);
    if (!isWhole) return this.#refuse('its details are not of the instruments asked for');
    this.#state = 'quotes';
    this.#handler.onDetails(this.#rows);
    return true;
  }

  #refuse(text: string): false {
    this.#refusal = text;
    return false;
  }
}
