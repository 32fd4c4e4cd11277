// What the gateway link answers to the requests and decisions of OMS and risk: reports of written
// and kept orders, refusals with the whole order in the journal, decisions on their way back. Part
// of the gateway link, split off for its size.
// Invariants: an answer goes out behind the record it speaks of; what was not written says so.
import { fail } from '../assert.ts';
import { keptCode } from '../core/kept.ts';
import { REJECT_JOURNAL, REJECT_NONE } from '../core/reject-code.ts';
import {
  ACTION_PARK,
  ACTION_SPLIT,
  REPORT_CANCEL_REJECTED,
  REPORT_HELD,
  REPORT_PARKED,
  REPORT_REJECTED,
  STAGE_GATEWAY,
} from '../messages/codes.ts';
import {
  copyFrame,
  FrameMemory,
  frameFlags,
  frameLength,
  setFrameFlags,
} from '../messages/frames.ts';
import { Reject, Report, type Request } from '../messages/generated/order.ts';
import type { LinkVoice } from './link-voice.ts';
import type { OutPort } from './port.ts';

export class RequestAnswers {
  refused = 0;
  /** Records of refusals were appended and not yet written. */
  unwritten = false;
  readonly #reports: OutPort;
  readonly #voice: LinkVoice;
  readonly #report = new Report();
  readonly #decided = new Report();
  readonly #reject = new Reject();
  readonly #rejectOut = new Reject();
  readonly #refusal = new FrameMemory(new ArrayBuffer(Reject.BYTES));

  constructor(reports: OutPort, voice: LinkVoice) {
    this.#reports = reports;
    this.#voice = voice;
  }

  /** Tells the OMS of a request that was written: REPORT_* and why. */
  report(request: Request, kind: number, code: number): void {
    this.#write(request, kind, code);
    this.#reports.commit();
  }

  /** Written: that is the answer to what is kept. It is sent when the OMS asks for it. */
  kept(request: Request): void {
    const { action } = request;
    const kind = action === ACTION_PARK ? REPORT_PARKED : REPORT_HELD;
    const code = action === ACTION_PARK ? REJECT_NONE : keptCode(action);
    this.#write(request, kind, code);
    if (action === ACTION_SPLIT) this.#report.leavesQty = request.partQty;
    this.#reports.commit();
  }

  /** Refuses a place or the parking of a cancel; the record follows with the batch's. */
  refuse(request: Request, code: number): void {
    this.refused++;
    this.unwritten = true;
    const kind = request.action === ACTION_PARK ? REPORT_CANCEL_REJECTED : REPORT_REJECTED;
    this.report(request, kind, code);
    this.#writeRefusal(request, code);
  }

  /** Refuses a cancel: the report itself is the record. */
  refuseCancel(request: Request, code: number): void {
    this.unwritten = true;
    this.#write(request, REPORT_CANCEL_REJECTED, code);
    this.#voice.record(this.#reports.memory, this.#report.at);
    this.#reports.commit();
  }

  /** Writes a report about a request into the ring to the OMS; the caller commits it. */
  #write(request: Request, kind: number, code: number): void {
    const out = this.#reports;
    const at = out.claim(Report.BYTES);
    if (at < 0) fail(`claim=${at}, expected room for a report`);
    const report = this.#report.begin(out.memory, at);
    report.eventNs = request.eventNs;
    report.recvNs = request.recvNs;
    report.coidA = request.coidA;
    report.coidB = request.coidB;
    report.coidC = request.coidC;
    report.coidD = request.coidD;
    report.account = request.account;
    report.strategy = request.strategy;
    report.instrument = request.instrument;
    report.kind = kind;
    report.stage = STAGE_GATEWAY;
    report.code = code;
    report.leavesQty = request.qty;
  }

  /** The journal has no request of it: the whole order is written, so that a restart shows it. */
  #writeRefusal(request: Request, code: number): void {
    const reject = this.#rejectOut.begin(this.#refusal, 0);
    reject.eventNs = request.eventNs;
    reject.recvNs = request.recvNs;
    reject.coidA = request.coidA;
    reject.coidB = request.coidB;
    reject.coidC = request.coidC;
    reject.coidD = request.coidD;
    reject.account = request.account;
    reject.strategy = request.strategy;
    reject.instrument = request.instrument;
    reject.intentNo = request.intentNo;
    reject.side = request.side;
    reject.kind = request.kind;
    reject.priceE4 = request.priceE4;
    reject.qty = request.qty;
    reject.stage = STAGE_GATEWAY;
    reject.code = code;
    reject.action = request.action;
    this.#voice.record(this.#refusal, 0);
  }

  /**
   * What OMS and risk have decided goes back to the OMS: written now, it takes effect; not written,
   * it says so in its flags (a held order's end: by refusing the cancel), and takes none.
   */
  passOwn(batch: FrameMemory, at: number, type: number, flushCode: number): void {
    const reports = this.#reports;
    const mark = frameFlags(batch, at);
    const isWritten = flushCode === 0 && mark === 0;
    // The OMS's own refusals have no order: they were only written down here.
    if (type === Reject.TYPE && this.#reject.wrap(batch, at).coidC === 0) return;
    if (!isWritten && mark === 0) setFrameFlags(batch, at, REJECT_JOURNAL);
    if (type === Report.TYPE && !isWritten) {
      const report = this.#decided.wrap(batch, at);
      report.flags = 0;
      report.kind = REPORT_CANCEL_REJECTED;
      report.code = REJECT_JOURNAL;
      report.stage = STAGE_GATEWAY;
    }
    const to = reports.claim(frameLength(batch, at));
    if (to < 0) fail(`claim=${to}, expected room for a decision`);
    copyFrame(batch, at, reports.memory, to);
    reports.commit();
  }
}
