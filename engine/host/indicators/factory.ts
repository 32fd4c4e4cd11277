// Makes `ctx.indicators` of one strategy: reads the options, opens the indicator and says which
// rows it is to get. Called by engine/host/assembly.ts, which hands it to the strategy host as a
// port. Invariant: the kernel module is loaded with the first indicator, so a strategy without
// indicators pays nothing; every wrong option is an Error that names the indicator and what is
// expected.
import type {
  IndicatorBinding,
  IndicatorOptions,
  IndicatorSeries,
  Indicators,
  IndicatorView,
  SeriesNo,
} from '../../core/indicator-port.ts';
import {
  INDICATORS,
  type IndicatorInput,
  type IndicatorName,
  type IndicatorSpec,
} from '../../core/indicator-specs.ts';
import { IndicatorModule } from './module.ts';

type Given = IndicatorOptions & { readonly [param: string]: unknown };
type ViewClass = new (last: Float64Array) => IndicatorView;

const SERIES: readonly IndicatorSeries[] = ['open', 'high', 'low', 'close', 'volume', 'tick'];
const OWN_KEYS = new Set(['instrument', 'on', 'seconds', 'convention']);
/** The longest bar: a day. */
const SECONDS_MAX = 86_400;

/**
 * `own`: the instruments this strategy was given; `attach` takes what is to be fed; `openModule`
 * gives a module without indicators.
 */
export function makeIndicators(
  own: readonly number[],
  attach: (binding: IndicatorBinding) => void,
  openModule: () => IndicatorModule = () => new IndicatorModule(),
): Indicators {
  let module: IndicatorModule | undefined;
  const views = new Map<IndicatorName, ViewClass>();
  const make = (name: IndicatorName, given: Given) => {
    const spec: IndicatorSpec = INDICATORS[name];
    const instrument = instrumentOf(name, own, given.instrument);
    const seconds = secondsOf(name, given.seconds);
    const series = seriesOf(name, spec.inputs, given.on);
    const params = paramsOf(name, given);
    module ??= openModule();
    const { convention = 'talib' } = given;
    const opened = module.open(name, { params, convention });
    attach({ slot: opened, instrument, seconds, series });
    let View = views.get(name);
    if (View === undefined) {
      View = viewOf(spec.outputs);
      views.set(name, View);
    }
    return new View(opened.last);
  };
  const names = Object.keys(INDICATORS) as IndicatorName[];
  return Object.fromEntries(
    names.map((name) => [name, (given: Given = {}) => make(name, given)]),
  ) as unknown as Indicators;
}

/** A class with a getter for each output. */
function viewOf(outputs: readonly string[]): ViewClass {
  class View {
    readonly #last: Float64Array;

    constructor(last: Float64Array) {
      this.#last = last;
    }

    static last(view: View): Float64Array {
      return view.#last;
    }

    get value(): number {
      return this.#last[0]!;
    }

    get ready(): boolean {
      for (let k = 0; k < outputs.length; k++) if (Number.isNaN(this.#last[k])) return false;
      return true;
    }
  }
  for (const [k, output] of outputs.entries()) {
    if (output === 'value') continue;
    Object.defineProperty(View.prototype, output, {
      enumerable: true,
      get(this: View) {
        return View.last(this)[k];
      },
    });
  }
  return View as unknown as ViewClass;
}

function instrumentOf(name: string, own: readonly number[], given: number | undefined): number {
  if (given === undefined) {
    if (own.length === 1) return own[0]!;
    const how = "say which: instrument: ctx.instrument('…').index";
    throw new Error(`indicator ${name}: the strategy has ${own.length} instruments, ${how}`);
  }
  if (own.includes(given)) return given;
  throw new Error(`indicator ${name}: instrument=${given} was not given to this strategy`);
}

function secondsOf(name: string, given: number | undefined): number {
  const seconds = given ?? 0;
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= SECONDS_MAX) return seconds;
  const expected = `expected a whole number from 0 (every bar) to ${SECONDS_MAX}`;
  throw new Error(`indicator ${name}: seconds=${seconds}, ${expected}`);
}

function seriesOf(
  name: string,
  inputs: readonly IndicatorInput[],
  on: IndicatorOptions['on'],
): SeriesNo[] {
  const free = inputs.filter((input) => input === 'real' || input === 'real2').length;
  const chosen = on === undefined ? ['close', 'volume'].slice(0, free) : [on].flat();
  if (chosen.length !== free) {
    const takes = free === 0 ? `always takes ${inputs.join(', ')}` : `takes ${free}`;
    throw new Error(`indicator ${name}: on=${chosen.join(',')}, it ${takes}`);
  }
  const unknown = chosen.find((one) => !SERIES.includes(one as IndicatorSeries));
  if (unknown !== undefined) {
    throw new Error(`indicator ${name}: on='${unknown}', expected one of ${SERIES.join(', ')}`);
  }
  if (chosen.includes('tick') && inputs.length > 1) {
    throw new Error(
      `indicator ${name}: on='tick' has one price a row, it needs ${inputs.join(', ')}`,
    );
  }
  let next = 0;
  return inputs.map((input) => {
    const series = input === 'real' || input === 'real2' ? chosen[next++]! : input;
    return SERIES.indexOf(series as IndicatorSeries);
  });
}

function paramsOf(name: string, given: Given): { readonly [param: string]: number | undefined } {
  const params: Record<string, number | undefined> = {};
  for (const [key, value] of Object.entries(given)) {
    if (OWN_KEYS.has(key) || value === undefined) continue;
    if (typeof value !== 'number') {
      throw new Error(`indicator ${name}: ${key}=${String(value)}, expected a number`);
    }
    params[key] = value;
  }
  return params;
}
