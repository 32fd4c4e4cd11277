// Makes the module as init() left it, for a run that has nothing to do with the one before: no
// book, no rules, no indicator. Exported through index.ts; engine/host/kernels.ts calls it between
// runs. Always: sizes and addresses stay; costs what was opened, not what could be.

import { resetAll } from "./book";
import { forgetMinute, setClock } from "./close-price";
import { NOT_INITIALIZED } from "./codes";
import { closeIndicators } from "./indicators";
import { instrumentCount, RECORD_BYTES, recordBase } from "./layout";
import { recordOf } from "./record";

/** OK, or NOT_INITIALIZED. */
export function renew(): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  for (let i = 0; i < instrumentCount; i++) {
    const r = recordOf(i);
    if (r != 0) forgetMinute(r);
  }
  memory.fill(recordBase, 0, usize(instrumentCount) * RECORD_BYTES);
  setClock(0);
  closeIndicators();
  return resetAll();
}
