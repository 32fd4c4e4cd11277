// What the chaos sees of the world it breaks: the parts of a run, and where it stands. Implemented
// by world.ts, used by chaos.ts. Invariant: read only, but for the moods of what stands on it.
import type { EngineSetup } from '../host/setup.ts';
import type { Auditor } from './auditor.ts';
import type { CrashPoint } from './crash-signal.ts';
import type { FaultPlan } from './faults.ts';
import type { Life } from './life.ts';
import type { SimBroker } from './sim-broker.ts';
import type { SimDesk } from './sim-desk.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimMarket } from './sim-market.ts';

/** Room a report or fill needs in the ring to the gateway. */
export const ANSWER_ROOM = 512;

export interface Stage {
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly nowNs: number;
  readonly life: Life;
  readonly setup: EngineSetup;
  readonly faults: FaultPlan;
  readonly disks: readonly SimDisk[];
  readonly broker: SimBroker;
  readonly desk: SimDesk;
  readonly market: SimMarket;
  readonly auditor: Auditor;
  readonly crash: CrashPoint;
  /** The shared kill word of an account. */
  killWord(account: number): Int32Array;
  /** A line for the trace. */
  say(line: () => string): void;
}
