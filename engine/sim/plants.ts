// Known bugs that the simulator must catch: each an exact replacement of text in production code,
// done by plant-hook.ts while that code is loaded in a process of its own. Read by plant-run.ts and
// by a test that finds every text. Invariant: production code holds no trace of them, and a text
// that is gone makes its plant fail loudly instead of silently planting nothing.

/** One change of one file; `find` must occur exactly once. */
export interface Patch {
  /** Path below the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Plant {
  readonly name: string;
  /** What the bug does. */
  readonly about: string;
  readonly patches: readonly Patch[];
}

const OMS = 'engine/actors/order-manager.ts';
const RETURNS = 'engine/actors/order-returns.ts';
const ANSWERS = 'engine/actors/request-answers.ts';
const REPORT_EVENT = 'engine/core/report-event.ts';
const GATEWAY = 'engine/actors/gateway-link.ts';
const RISK = 'engine/actors/risk-manager.ts';
const ACCOUNT = 'engine/core/account.ts';
const POSITION = 'engine/core/position.ts';
const JUDGE = 'engine/core/risk/judge.ts';
const SLIDING = 'engine/core/risk/sliding.ts';
const STATE = 'engine/host/account-state.ts';
const LIVE = 'engine/core/live-orders.ts';
const BROKER_LINK = 'engine/actors/broker-link.ts';
const TELLER = 'engine/actors/proof-teller.ts';
const VOICE = 'engine/actors/link-voice.ts';
const VIEW = 'engine/core/broker-view.ts';
const PROOF = 'engine/core/order-proof.ts';
const WRITER = 'engine/journal/writer.ts';
const OPEN = 'engine/journal/open.ts';

function plant(name: string, about: string, ...patches: [string, string, string][]): Plant {
  return { name, about, patches: patches.map(([file, find, put]) => ({ file, find, put })) };
}

export const PLANTS: readonly Plant[] = [
  plant(
    'timeout-as-reject',
    'an answer that says "unknown" is taken as a refusal; the reservation is given back',
    [REPORT_EVENT, 'return EVENT_LOST;', 'return EVENT_REJECTED;'],
  ),
  plant(
    'timeout-sent-again',
    'an order of unknown fate is sent once more under its id',
    [
      OMS,
      'this.#returns.onReport(memory, at);',
      `this.#returns.onReport(memory, at);
        {
          const told = new Report().wrap(memory, at);
          const lost = this.account.orders.findById(told.coidA, told.coidC);
          if (told.kind === 6 && lost >= 0) this.passOn(lost, ACTION_PLACE);
        }`,
    ],
    [
      RISK,
      'let code = openCase(state);',
      `if (state.orders.find(order.coidA, order.coidC) >= 0) {
      this.#approve(order);
      return;
    }
    let code = openCase(state);`,
    ],
    [GATEWAY, 'return REPEATED;', 'return REJECT_NONE;'],
  ),
  plant('no-fill-dedup', 'a repeated fill is booked again', [
    LIVE,
    'if (this.hasFill(fillNo, instrument, side)) return false;',
    '',
  ]),
  plant(
    'send-before-write',
    'the batch goes to the link before the journal has it',
    [
      GATEWAY,
      `const code = this.#voice.flush();
    this.#ports.clock.stamp(this.#times, WRITTEN);`,
      'const code = 0;',
    ],
    [
      GATEWAY,
      `this.#ports.link.publish();
    return count;`,
      `this.#ports.link.publish();
    this.#ports.journal.flush();
    return count;`,
    ],
  ),
  plant('fill-before-accept-dropped', 'a fill that comes before the accept is thrown away', [
    RETURNS,
    'applyFill(this.#account, slot, fill.priceE4, fill.qty);',
    `if (this.#account.orders.status[slot] === 2) return;
    applyFill(this.#account, slot, fill.priceE4, fill.qty);`,
  ]),
  plant('cancel-drops-late-fill', 'a fill after the cancel is thrown away', [
    ACCOUNT,
    'if (!open) account.lateFills++;',
    'if (!open) return before;',
  ]),
  plant('risk-counters-reset', 'a restart forgets the orders of the last second', [
    'engine/host/risk-records.ts',
    '      tellSent(s, record);',
    '',
  ]),
  plant('id-counter-restarts', 'ids do not carry the epoch, and begin at 1 after a restart', [
    OMS,
    'this.#idA = idAccountEpoch(account.index, options.epoch);',
    'this.#idA = idAccountEpoch(account.index, 1);',
  ]),
  plant('overfill-accepted', 'a fill beyond the quantity is taken as if nothing were wrong', [
    ACCOUNT,
    'if (filled > orders.qty[slot]) account.overfills++;',
    '',
  ]),
  plant('overfill-dropped', 'a fill beyond the quantity is thrown away', [
    ACCOUNT,
    'if (filled > orders.qty[slot]) account.overfills++;',
    'if (filled > orders.qty[slot]) return before;',
  ]),
  plant('partial-cancel-leaks', 'a partly filled order that is cancelled keeps its reservation', [
    ACCOUNT,
    'account.cash.reservedE4 -= orders.reservedE4[slot];',
    `if (orders.status[slot] === STATUS_PARTLY_CANCELLED) return;
  account.cash.reservedE4 -= orders.reservedE4[slot];`,
  ]),
  plant(
    'market-order-at-zero',
    'an order without a limit is valued at nothing',
    [OMS, 'if (valueE4 <= 0) return REJECT_NO_REFERENCE_PRICE;', ''],
    [OMS, 'const valueE4 = this.#terms.valueE4(i, side, priceE4);', 'const valueE4 = priceE4;'],
    [JUDGE, 'return c.valueE4 > 0 && c.qty > 0 ?', 'return c.qty > 0 ?'],
    [JUDGE, 'else if (s.quotes.upperE4[c.instrument] > 0)', 'else if (c.instrument < 0)'],
  ),
  plant('kill-behind-full-ring', 'the gateway hears commands only while its link has room', [
    GATEWAY,
    'let count = this.#controlIn.poll(POLL_LIMIT);',
    `let count = 0;
    if (this.#ports.link.room() > this.#cancelReserve + FRAME_ROOM * 2) {
      count = this.#controlIn.poll(POLL_LIMIT);
    }`,
  ]),
  plant('kill-word-ignored', 'the shared kill word is not looked at', [
    GATEWAY,
    'if (word !== this.#wordSeen) this.#onKillWord(word);',
    '',
  ]),
  plant('kill-cancels-nothing', 'the kill switch stops new orders, the live ones stay', [
    GATEWAY,
    'this.#cancels.cancelAll(strategy);',
    '',
  ]),
  plant('kill-forgotten-on-restart', 'a restart after the kill switch trades again', [
    STATE,
    'if (kill.scope !== SCOPE_STRATEGY) this.killed = kill.on;',
    'if (kill.scope !== SCOPE_STRATEGY) this.killed = 0;',
  ]),
  plant('kill-not-journaled', 'the kill switch leaves no record', [
    GATEWAY,
    `this.#voice.record(memory, at);
    this.#voice.flush();
    if (kill.scope`,
    'if (kill.scope',
  ]),
  plant('same-day-sold-twice', 'working sells of a T+0 instrument do not hold their shares', [
    POSITION,
    'return book.sellableOpen[i] + bought - book.soldToday[i] - book.frozen[i];',
    `const held = book.turnround[i] === 1 ? 0 : book.frozen[i];
  return book.sellableOpen[i] + bought - book.soldToday[i] - held;`,
  ]),
  plant('sold-the-day-bought', 'T+1 shares are sold on the day they were bought', [
    POSITION,
    'const bought = book.turnround[i] === 1 ? book.boughtToday[i] : 0;',
    'const bought = book.boughtToday[i];',
  ]),
  plant('sells-freeze-nothing', 'a working sell does not hold its shares', [
    ACCOUNT,
    'else account.positions.frozen[instrument] += qty;',
    'else account.positions.frozen[instrument] += 0;',
  ]),
  plant('cancel-refused-is-cancelled', 'a refused cancel is taken as a cancel', [
    REPORT_EVENT,
    'return EVENT_CANCEL_REJECTED;',
    'return 6;',
  ]),
  plant('cancel-frees-awaited-fills', 'a cancel report frees shares whose fill is on its way', [
    ACCOUNT,
    'if (!awaited || !isOpen(orders.status[slot])) {',
    'if (awaited || !isOpen(orders.status[slot]) || !awaited) {',
  ]),
  plant('reject-keeps-reservation', 'a refused order holds its cash for ever', [
    ACCOUNT,
    'account.cash.reservedE4 -= orders.reservedE4[slot];',
    `if (orders.status[slot] === STATUS_REJECTED) return;
  account.cash.reservedE4 -= orders.reservedE4[slot];`,
  ]),
  plant('fees-not-reserved', 'a buy holds its amount and forgets the fees', [
    ACCOUNT,
    `leaves * orders.valueE4[slot],
  );
  account.cash.reservedE4`,
    `leaves * orders.valueE4[slot],
  ) > 0 ? leaves * orders.valueE4[slot] : 0;
  account.cash.reservedE4`,
  ]),
  plant('rate-limit-too-wide', 'the sliding second of the order rate is half a second', [
    SLIDING,
    'return at[0] - this.#times[row * (this.#mask + 1) + place] < SECOND_NS;',
    'return at[0] - this.#times[row * (this.#mask + 1) + place] < SECOND_NS / 2;',
  ]),
  plant('write-error-ignored', 'a batch that could not be written is sent all the same', [
    GATEWAY,
    'const refusal = flushCode < 0 ? REJECT_JOURNAL : mark;',
    'const refusal = mark;',
  ]),
  plant('sync-left-out', 'policy before-send does not wait for the device', [
    WRITER,
    'return this.#syncs ? this.sync() : JOURNAL_OK;',
    'return JOURNAL_OK;',
  ]),
  plant('chain-not-taken-back', 'after a failed write the chain goes on from what is not there', [
    WRITER,
    'this.#chain = this.#writtenChain;',
    '',
  ]),
  plant('torn-tail-kept', 'the torn end of a journal stays where the next life writes', [
    OPEN,
    'if (before?.tail) cutTail(place, before.tail, before);',
    '',
  ]),
  plant('found-records-not-synced', 'a new life believes the page cache of the one before', [
    OPEN,
    '  syncFound(place, before);',
    '',
  ]),
  plant('fills-not-journaled', 'fills reach the OMS without a record', [
    GATEWAY,
    'this.#voice.record(this.#batch, at);',
    'if (frameType(this.#batch, at) !== Fill.TYPE) this.#voice.record(this.#batch, at);',
  ]),
  plant('known-fills-forgotten', 'a restart forgets which fills it has booked', [
    STATE,
    'for (const f of this.#fillNos) live.isNewFill(f.fillNo, f.instrument, f.side);',
    '',
  ]),
  plant(
    'approval-skipped',
    'risk changes the quantity after its check and the gateway does not look',
    [RISK, 'request.qty = order.qty;', 'request.qty = order.qty + 100;'],
    [GATEWAY, 'if (request.approval !== expected) return REJECT_NOT_APPROVED;', ''],
  ),
  plant('recovery-forgets-orders', 'orders that lived through a crash are followed no more', [
    STATE,
    'if (!open) live.finish(at);',
    'live.finish(at);',
  ]),
  plant('slice-progress-forgotten', 'a restart forgets what the parts of a parent have traded', [
    'engine/actors/execution.ts',
    'parents.filled[p] += orders.filled[slot];',
    '',
  ]),
  plant('working-part-forgotten', 'a restart forgets the part of a parent that still works', [
    'engine/actors/execution.ts',
    'if (isOpen(orders.status[slot])) parents.child[p] = slot;',
    '',
  ]),
  plant('replace-before-the-end', 'a replace places the new order before the old one has ended', [
    'engine/actors/execution.ts',
    'else if (isOpen(orders.status[target])) this.#cancelTarget(p, target);',
    `else if (isOpen(orders.status[target])) {
      this.#cancelTarget(p, target);
      this.#placeRest(p, target);
    }`,
  ]),
  plant('replace-forgets-trades', 'a replace places its whole quantity, whatever was traded', [
    'engine/actors/execution.ts',
    'const rest = parents.qty[p] - orders.filled[target];',
    'const rest = parents.qty[p];',
  ]),
  plant('replace-placed-again', 'a restart places the new order of a replace once more', [
    'engine/actors/execution.ts',
    `      this.#isPlaced[p] = 1;
      if (isOpen`,
    '      if (isOpen',
  ]),
  plant('day-roll-with-live-order', 'a day closes although orders of it may still be alive', [
    'engine/day/close-journal.ts',
    "if (open.length === 0 || proof.kind === 'exchange-gone') return '';",
    "if (open.length >= 0 || proof.kind === 'exchange-gone') return '';",
  ]),
  plant('statement-trades-left-out', 'orders end with their day, trades that we missed are lost', [
    'engine/day/close-journal.ts',
    "if (proof.kind === 'statement') this.#bookTrades(account, slot, proof.file);",
    '',
  ]),
  plant('cut-close-is-closed', 'a close that was cut short counts as finished', [
    'engine/day/replay-day.ts',
    'if (record.frameType === DayClose.TYPE) isClosed = true;',
    'if (record.frameType === DayClose.TYPE || record.frameType === 341) isClosed = true;',
  ]),
  plant('bought-is-never-free', 'what was bought on a day is not sellable on the next one', [
    'engine/host/account-state.ts',
    'position.sellableQty = held.sellableQty ?? held.qty;',
    'position.sellableQty = spec.books === undefined ? held.qty : held.qty - (held.qty % 500);',
  ]),
  plant('t0-sold-twice', 'what was sold of a T+0 instrument counts as sellable again', [
    POSITION,
    'return book.sellableOpen[i] + bought - book.soldToday[i] - book.frozen[i];',
    `const sold = book.turnround[i] === 1 ? 0 : book.soldToday[i];
  return book.sellableOpen[i] + bought - sold - book.frozen[i];`,
  ]),
  plant('recovered-is-known', 'orders that lived through a crash count as known, not as unknown', [
    'engine/host/account-life.ts',
    'const unknown = state.beginLife();',
    'const unknown = 0;',
  ]),
  plant('absent-is-rejected', 'an order that one list of the broker lacks counts as refused', [
    PROOF,
    'return unseen && live.brokerNo[slot] === 0 && live.filled[slot] === 0',
    'return unseen || live.brokerNo[slot] === 0',
  ]),
  plant(
    'fence-ignored',
    'the new life takes a fence that keeps nothing out',
    [VOICE, 'fence.epoch = epoch;', 'fence.epoch = 1;'],
    [BROKER_LINK, 'link.epoch !== this.#epoch', 'link.epoch < 1'],
  ),
  plant('timeout-is-refusal', 'an order without an answer in time counts as refused', [
    TELLER,
    'this.#voice.report(slot, REPORT_UNKNOWN, STAGE_GATEWAY, code);',
    'this.#close(slot, REPORT_REJECTED, STAGE_GATEWAY, code);',
  ]),
  plant('external-dropped', "orders made by hand in the broker's client are not taken over", [
    TELLER,
    'this.#voice.adopted(slot);',
    '',
  ]),
  plant('unknown-blocks-nothing', 'an instrument with an order of unknown fate is bought again', [
    'engine/actors/broker-word.ts',
    'this.#account.unknown[i] > 0',
    'this.#account.unknown[i] < 0',
  ]),
  plant('missed-fills-left-out', 'fills that only the list of trades shows are not told', [
    TELLER,
    'this.#voice.fill(n);',
    '',
  ]),
  plant('yesterday-believed', "a list of another day counts like today's", [
    VIEW,
    'else if (day !== 0 && day !== this.#day) this.#blame(SNAPSHOT_OTHER_DAY);',
    '',
  ]),
  plant('sent-before-reconciled', 'orders go out as soon as the link is connected', [
    BROKER_LINK,
    'if (state === LINK_READY) return REJECT_NONE;',
    'if (state === LINK_READY || state === LINK_FENCED) return REJECT_NONE;',
  ]),
  plant(
    'none-taken-as-empty',
    '"None" of the bridge or the broker counts as an empty list',
    [
      BROKER_LINK,
      'if (result === QUERY_COMPLETE) this.view.onBridgeComplete();',
      'if (result !== QUERY_PARTIAL) this.view.onBridgeComplete();',
    ],
    [
      BROKER_LINK,
      'if (result === QUERY_FAILED) this.#askNext(QUERY_BRIDGE, this.#options.gapNs);',
      'if (result < 0) this.#askNext(QUERY_BRIDGE, this.#options.gapNs);',
    ],
    [
      BROKER_LINK,
      `const isEmpty = result === QUERY_FAILED && !this.view.holdsOrders;
        const fault = this.view.endOrders(`,
      `const isEmpty = result === QUERY_FAILED;
        const fault = this.view.endOrders(`,
    ],
    [
      BROKER_LINK,
      `const isEmpty = result === QUERY_FAILED && !this.view.holdsOrders;
        const fault = this.view.endTrades(`,
      `const isEmpty = result === QUERY_FAILED;
        const fault = this.view.endTrades(`,
    ],
  ),
  // Two words say it today, each enough: at the switch, and again behind every fence.
  plant(
    'cancels-lost-while-down',
    'a kill while the link is down cancels nothing later',
    [
      GATEWAY,
      'this.#cancels.cancelAll(strategy);',
      'if (this.broker.takesCancels) this.#cancels.cancelAll(strategy);',
    ],
    [GATEWAY, 'this.#cancels.wantAgain(this.#isKilled(), this.#killed);', ''],
  ),
  plant('cancels-lost-on-the-wire', 'cancels that a dead connection swallowed are not sent again', [
    GATEWAY,
    'this.#cancels.wantAgain(this.#isKilled(), this.#killed);',
    '',
  ]),
  plant(
    'cancel-waits-for-ever',
    'a cancel without an answer keeps its order from being cancelled',
    [
      TELLER,
      'if (!this.isTimed || cancelSent[slot] === 0) return false;',
      'if (slot >= 0) return false;',
    ],
  ),
  plant('adopted-stays-unknown', 'after a restart nobody says what became of adopted orders', [
    VIEW,
    'else if (external) this.live.unknown[slot] = 1;',
    '',
  ]),
  plant('untold-fills-booked', 'a fill of an order that the OMS has not heard of counts as seen', [
    GATEWAY,
    'if (slot < 0 || this.broker.view.isUntold(slot)) {',
    'if (slot < 0) {',
  ]),
  plant('refused-cancel-is-answer', 'that its cancel was refused counts as word about an order', [
    BROKER_LINK,
    'this.onAnswer(isWeak ? -1 : slot);',
    'this.onAnswer(slot);',
  ]),
  plant('lost-remark-is-foreign', 'an order of ours that lost its remark is taken for another', [
    TELLER,
    'if (view.mayBeOurs(slot, this.#voice.nowNs, this.#answerNs)) {',
    'if (slot < 0) {',
  ]),
  plant('gateway-refusals-unwritten', 'orders the gateway refused are not in the journal', [
    ANSWERS,
    'this.#voice.record(this.#refusal, 0);',
    '',
  ]),
  plant('second-person-not-asked', 'a parked order goes out with the next life, unconfirmed', [
    'engine/core/kept.ts',
    'if (action === ACTION_AWAIT) return REJECT_PARKED;',
    'if (action === ACTION_AWAIT) return REJECT_NONE;',
  ]),
];
