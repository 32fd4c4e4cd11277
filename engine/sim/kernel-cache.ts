// The kernels of the simulator's thread: instantiated once for all runs and lives, and reset
// instead of made again. Called through the assembly's `kernels` port. Invariant: a book opened in
// an earlier life is empty when a later one opens it.
import { BookCode, type BookKernel } from '../core/book.ts';
import { type Kernels, loadKernels } from '../host/kernels.ts';
import { INSTRUMENTS } from './sim-setup.ts';

const cached: Kernels[] = [];

/** Kernels of the thread's engine `no`; their book reopens windows that an earlier life opened. */
export function simKernels(no: number): Kernels {
  cached[no] ??= makeKernels();
  return cached[no];
}

function makeKernels(): Kernels {
  let levels = 0;
  for (const { upperLimitE4, lowerLimitE4, tickE4 } of INSTRUMENTS) {
    levels += (upperLimitE4 - lowerLimitE4) / tickE4 + 1;
  }
  const kernels = loadKernels({
    maxInstruments: INSTRUMENTS.length,
    maxOrders: 4 * INSTRUMENTS.length,
    maxLevels: Math.ceil(levels),
  });
  const opened = new Set<number>();
  const { book } = kernels;
  const open: BookKernel['openInstrument'] = (i, tickE4, lowE4, highE4, quota) => {
    if (opened.has(i)) return book.resetInstrument(i) < 0 ? BookCode.BAD_SIZE : BookCode.OK;
    opened.add(i);
    return book.openInstrument(i, tickE4, lowE4, highE4, quota);
  };
  const reopening = new Proxy(book, {
    get(target, name) {
      if (name === 'openInstrument') return open;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...kernels, book: reopening };
}
