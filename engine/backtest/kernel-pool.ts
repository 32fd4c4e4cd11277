// The kernels of a backtest of several days: made for the first day, emptied for each further one,
// made anew only when a day needs more room. Called by runner.ts through the assembly's `kernels`
// port. Invariant: a kernel that is handed out has no order and no instrument of an earlier day;
// its indicators are kept, because strategies live through the days.
import { must } from '../assert.ts';
import { type KernelOptions, type Kernels, loadKernels } from '../host/kernels.ts';

const SIZES = ['maxInstruments', 'maxOrders', 'maxLevels'] as const;

interface Pooled {
  readonly options: KernelOptions;
  readonly kernels: Kernels;
}

export class KernelPool {
  readonly #pooled: Pooled[] = [];
  #next = 0;

  /** The first asker of a day gets what the first asker of the day before had, and so on. */
  beginDay(): void {
    this.#next = 0;
  }

  /** Throws like loadKernels(). */
  readonly kernels = (options: KernelOptions): Kernels => {
    const place = this.#next++;
    const known = this.#pooled[place];
    if (known !== undefined && SIZES.every((size) => options[size] <= known.options[size])) {
      known.kernels.book.resetAll();
      return known.kernels;
    }
    const before = known?.options;
    const room = before === undefined ? options : largest(options, before);
    this.#pooled[place] = { options: room, kernels: loadKernels(room) };
    return must(this.#pooled[place], `kernels ${place}`).kernels;
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
