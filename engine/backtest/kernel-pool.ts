// The kernels of a backtest engine: made for the first day, emptied for each further one and for
// the days of further runs, made anew only when a day needs more room. Called by runner.ts through
// the assembly's `kernels` port. Invariant: a kernel that is handed out has nothing at all of an
// earlier run; within a run its indicators are kept, because strategies live through the days, and
// its books and rules until host/day-books.ts and host/day-rules.ts put the next day's there.
import { must } from '../assert.ts';
import { closeDayBooks } from '../host/day-books.ts';
import { IndicatorModule } from '../host/indicators/module.ts';
import { type KernelOptions, type Kernels, loadKernels } from '../host/kernels.ts';

const SIZES = ['maxInstruments', 'maxOrders', 'maxLevels'] as const;

interface Pooled {
  readonly options: KernelOptions;
  readonly kernels: Kernels;
}

export class KernelPool {
  readonly #pooled: Pooled[] = [];
  readonly #modules: IndicatorModule[] = [];
  #next = 0;
  #nextModule = 0;

  /** The next day is of another run: whatever this one left behind is gone. */
  endRun(): void {
    for (const { kernels } of this.#pooled) {
      closeDayBooks(kernels.book);
      kernels.renew();
    }
    for (const module of this.#modules) module.renew();
    this.#nextModule = 0;
  }

  /** The first asker of a day gets what the first asker of the day before had, and so on. */
  beginDay(): void {
    this.#next = 0;
  }

  /** Throws like loadKernels(). */
  readonly kernels = (options: KernelOptions): Kernels => {
    const place = this.#next++;
    const known = this.#pooled[place];
    if (known !== undefined && SIZES.every((size) => options[size] <= known.options[size])) {
      return known.kernels;
    }
    const before = known?.options;
    const room = before === undefined ? options : largest(options, before);
    this.#pooled[place] = { options: room, kernels: loadKernels(room) };
    return must(this.#pooled[place], `kernels ${place}`).kernels;
  };

  /** One more indicator module for this run. */
  readonly indicatorModule = (): IndicatorModule => {
    const place = this.#nextModule++;
    this.#modules[place] ??= new IndicatorModule();
    return must(this.#modules[place], `indicator module ${place}`);
  };
}

/** Room for either. */
function largest(a: KernelOptions, b: KernelOptions): KernelOptions {
  return {
    maxInstruments: Math.max(a.maxInstruments, b.maxInstruments),
    maxOrders: Math.max(a.maxOrders, b.maxOrders),
    maxLevels: Math.max(a.maxLevels, b.maxLevels),
  };
}
