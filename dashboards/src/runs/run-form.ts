// The form of a new backtest as data, to and from what the server takes. Called by NewRun.vue;
// pure. Always holds: a wish of a recorded run fills the form so that the form makes the same wish
// again.
import type { Wish } from './runs-api.ts';
import { say } from './say.ts';

type Value = number | boolean | string;

export interface RunForm {
  strategy: string | null;
  params: Record<string, Value>;
  /** A path, or 'synthetic'. */
  data: string;
  seed: number | null;
  day: string;
  from: string;
  to: string;
  /** Codes, separated by blanks or commas. */
  instruments: string;
  positions: Record<string, number | null>;
  cash: number | null;
  freq: NonNullable<Wish['freq']> | null;
  benchmark: string;
  commissionRate: number | null;
  commissionMin: number | null;
  stampDutyRate: number | null;
  transferRate: number | null;
  rf: number | null;
  world: NonNullable<Wish['world']> | null;
  queue: NonNullable<Wish['queue']> | null;
  barShare: number | null;
  latency: string;
}

const DAY = /^\d{4}-?\d{2}-?\d{2}$/;
const CODE = /^\d{6}\.(SH|SZ|BJ)$/;
const CASH = 1_000_000;

export function emptyForm(): RunForm {
  return {
    ...{ strategy: null, params: {}, data: 'synthetic', seed: 1, day: '', from: '', to: '' },
    ...{ instruments: '', positions: {}, cash: CASH, freq: null, benchmark: '' },
    ...{ commissionRate: null, commissionMin: null, stampDutyRate: null, transferRate: null },
    ...{ rf: null, world: null, queue: null, barShare: null, latency: '' },
  };
}

export function isCode(text: string): boolean {
  return CODE.test(text);
}

/** The codes of a text, each once, in capitals. */
export function codesOf(text: string): string[] {
  const parts = text.split(/[\s,;，；、]+/).filter(Boolean);
  return [...new Set(parts.map((code) => code.toUpperCase()))];
}

/** What the server is asked, or what is wrong with the form. */
export function wishOfForm(form: RunForm): { wish: Wish } | { problem: string } {
  if (form.strategy === null) return { problem: say('needStrategy') };
  const codes = codesOf(form.instruments);
  if (codes.length === 0) return { problem: say('needInstruments') };
  const benchmark = form.benchmark.trim().toUpperCase();
  for (const code of [...codes, benchmark]) {
    if (code !== '' && !isCode(code)) return { problem: say('wrongCode', { code }) };
  }
  const synthetic = form.data === 'synthetic';
  const days = synthetic ? (['day'] as const) : (['from', 'to'] as const);
  for (const field of days) {
    const word = field === 'day' ? 'syntheticDay' : field;
    if (form[field] !== '' && !DAY.test(form[field])) {
      return { problem: say('wrongDay', { field: say(word) }) };
    }
  }
  const { commissionRate, commissionMin, stampDutyRate, transferRate } = form;
  const fees = filled({ commissionRate, commissionMin, stampDutyRate, transferRate });
  const { freq, world, queue, barShare, rf } = form;
  const wish = {
    strategy: form.strategy,
    params: form.params,
    data: synthetic ? `synthetic:${form.seed ?? 1}` : form.data,
    instruments: codes,
    positions: Object.fromEntries(
      Object.entries(form.positions).filter(([code, qty]) => codes.includes(code) && qty),
    ) as Record<string, number>,
    ...filled({ cash: form.cash, freq, world, queue, barShare, rf }),
    ...Object.fromEntries(
      days.filter((field) => form[field] !== '').map((field) => [field, dayNumber(form[field])]),
    ),
    ...(Object.keys(fees).length === 0 ? {} : { fees }),
    ...(benchmark === '' ? {} : { benchmark }),
    ...(form.latency.trim() === '' ? {} : { latency: form.latency.trim() }),
  };
  return { wish: wish as Wish };
}

/** The form of a wish. */
export function formOfWish(wish: Wish): RunForm {
  const synthetic = /^synthetic:(\d+)$/.exec(wish.data);
  const text = (day: number | undefined): string => (day === undefined ? '' : String(day));
  const { fees = {} } = wish;
  return {
    ...emptyForm(),
    strategy: wish.strategy,
    params: { ...wish.params },
    data: synthetic === null ? wish.data : 'synthetic',
    seed: synthetic === null ? 1 : Number(synthetic[1]),
    ...{ day: text(wish.day), from: text(wish.from), to: text(wish.to) },
    instruments: wish.instruments.join(', '),
    positions: { ...wish.positions },
    cash: wish.cash ?? CASH,
    freq: wish.freq ?? null,
    benchmark: wish.benchmark ?? '',
    commissionRate: fees.commissionRate ?? null,
    commissionMin: fees.commissionMin ?? null,
    stampDutyRate: fees.stampDutyRate ?? null,
    transferRate: fees.transferRate ?? null,
    rf: wish.rf ?? null,
    world: wish.world ?? null,
    queue: wish.queue ?? null,
    barShare: wish.barShare ?? null,
    latency: wish.latency ?? '',
  };
}

function filled(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function dayNumber(text: string): number {
  return Number(text.replaceAll('-', ''));
}
