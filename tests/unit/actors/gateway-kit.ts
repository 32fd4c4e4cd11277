// A gateway link between rings of the test, with a journal that keeps the order of everything: used
// by the tests of the gateway link.

import { StillClock } from '../../../engine/actors/clock.ts';
import { GatewayLink } from '../../../engine/actors/gateway-link.ts';
import type { JournalPort } from '../../../engine/actors/link-voice.ts';
import { NoTap, OutPort } from '../../../engine/actors/port.ts';
import type { ArmingSetup } from '../../../engine/core/arming.ts';
import { LINK_DEFAULTS, type LinkOptions } from '../../../engine/core/link-options.ts';
import { approvalOf } from '../../../engine/core/risk/approval.ts';
import type { SessionPlan } from '../../../engine/core/session-plan.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  LINK_FENCED,
  LINK_READY,
  LINK_UP,
  QUERY_COMPLETE,
  SIDE_BUY,
  TRAIT_EXACT,
  TRAIT_FORGETS,
} from '../../../engine/messages/codes.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { LinkState, QueryEnd } from '../../../engine/messages/generated/broker.ts';
import { Request } from '../../../engine/messages/generated/order.ts';
import {
  type Fields,
  Pipe,
  readFrame,
  type Shown,
  ShownEvents,
} from '../../support/actor-harness.ts';

export const DAY = 20_260_105;

/** Writes down what happened and in which order: `append ...`, `flush`, `link ...`. */
export class RecordingJournal implements JournalPort {
  readonly log: string[];
  readonly records: Shown[] = [];
  flushCode = 0;
  appendCode = 0;
  #seq = 0;

  constructor(log: string[]) {
    this.log = log;
  }

  readonly stamps = new Float64Array(2);

  appendStamped(memory: FrameMemory, at: number): number {
    if (this.appendCode < 0) return this.appendCode;
    const shown = readFrame(memory, at);
    this.records.push(shown);
    this.log.push(`append ${nameOf(shown)}`);
    return ++this.#seq;
  }

  flush(): number {
    this.log.push(this.flushCode < 0 ? 'flush failed' : 'flush');
    return this.flushCode;
  }
}

/** An output that writes down when bytes become visible to the link. */
class LoggedOut extends OutPort {
  readonly #log: string[];
  readonly #names: string[] = [];

  constructor(pipe: Pipe, log: string[]) {
    super(pipe.ring, 0, 0, new NoTap());
    this.#log = log;
  }

  #at = 0;
  override claim(bytes: number): number {
    this.#at = super.claim(bytes);
    return this.#at;
  }

  override commit(): void {
    this.#names.push(nameOf(readFrame(this.memory, this.#at)));
    super.commit();
  }

  override publish(): void {
    super.publish();
    for (const name of this.#names.splice(0)) this.#log.push(`link ${name}`);
  }
}

function nameOf(shown: Shown): string {
  if (shown.type !== 'Request') return `${shown.type} ${shown.coidC ?? 0}`;
  return `${shown.action === ACTION_CANCEL ? 'cancel' : 'place'} ${shown.coidC}`;
}

export interface GatewayOptions {
  readonly linkBytes?: number;
  readonly orders?: number;
  readonly link?: Partial<LinkOptions>;
  readonly plan?: SessionPlan;
  /** Orders and cancels in a second. */
  readonly perSecond?: number;
  /** Stage and pilot of the account, and how many instruments there are. */
  readonly arming?: ArmingSetup;
  /** False = nobody has connected yet. */
  readonly connected?: boolean;
}

/** Room a gateway keeps for cancels is 64 KiB: its link ring must be larger. */
export function gateway(options: GatewayOptions = {}) {
  const log: string[] = [];
  const journal = new RecordingJournal(log);
  const pipes = {
    requests: new Pipe(),
    answers: new Pipe(),
    control: new Pipe(),
    link: new Pipe(options.linkBytes ?? 262_144),
    reports: new Pipe(),
  };
  const events = new ShownEvents();
  const killWord = new Int32Array(new SharedArrayBuffer(4));
  const life = { account: 0, capacity: options.orders ?? 1_024, day: DAY, epoch: 1 };
  const link = new GatewayLink(
    {
      ...life,
      perSecond: options.perSecond ?? 50,
      link: { ...LINK_DEFAULTS, ...options.link },
      ...(options.plan === undefined ? {} : { plan: options.plan }),
      ...(options.arming === undefined
        ? {}
        : { arming: { setup: options.arming, instruments: 4 } }),
    },
    {
      requests: pipes.requests.ring,
      answers: pipes.answers.ring,
      control: pipes.control.ring,
      link: new LoggedOut(pipes.link, log),
      reports: pipes.reports.out(),
      events,
      journal,
      tap: new NoTap(),
      clock: new StillClock(),
      killWord,
    },
  );
  const request = (id: number, fields: Fields<Request> = {}): void => {
    const order = { instrument: 0, side: SIDE_BUY, priceE4: 100_000, qty: 100, ...fields };
    const { instrument, side, priceE4, qty } = order;
    const approval = approvalOf(1, id, instrument, side, priceE4, qty);
    pipes.requests.send(Request, {
      ...{ coidA: 1, coidB: DAY, coidC: id, action: ACTION_PLACE, approval, intentNo: id },
      ...order,
      ...fields,
    });
  };
  const cancel = (id: number): void => request(id, { action: ACTION_CANCEL, approval: 0 });
  const { requests, answers, control, reports } = pipes;
  if (options.connected !== false) {
    makeReady(link, pipes);
    log.length = 0;
    journal.records.length = 0;
    events.all = [];
  }
  const ends = { requests, answers, control, reports, wire: pipes.link };
  return { link, journal, log, ...ends, events, killWord, request, cancel };
}

/** Plays a broker in this process that holds nothing, until the link says that it is ready. */
function makeReady(link: GatewayLink, pipes: { answers: Pipe; link: Pipe; reports: Pipe }): void {
  const traits = TRAIT_EXACT | TRAIT_FORGETS;
  pipes.answers.send(LinkState, { state: LINK_UP, sessionNo: 1, traits });
  for (let round = 0; link.broker.state !== LINK_READY; round++) {
    if (round > 20) throw new Error('the link does not get ready');
    link.doWork();
    for (const frame of pipes.link.take()) {
      const { queryNo, kind } = frame;
      if (frame.type === 'Fence') pipes.answers.send(LinkState, { state: LINK_FENCED, epoch: 1 });
      else if (frame.type === 'Query') {
        pipes.answers.send(QueryEnd, { queryNo: queryNo!, kind: kind!, result: QUERY_COMPLETE });
      }
    }
  }
  while (link.doWork() > 0);
  pipes.link.take();
  pipes.reports.take();
}

/** What reached the broker's side, as `place 1`, `cancel 1`, `End 0`. */
export function sent(pipe: Pipe): string[] {
  return pipe.take().map(nameOf);
}
