// One run of a campaign: one seed, one trading day of an account, as many orders and faults as
// its share of the campaign, then the audit. Used by campaign.ts and by its short test. Always:
// the same seed draws the same faults in the same order; when they hit depends on the machine.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../gateways/counter/tape.ts';
import { type BridgeName, CrashRig, type FaultKind } from './crash-rig.ts';
import type { CutKind } from './link-proxy.ts';
import type { Parts } from './link-steps.ts';
import type { Pace } from './rig-config.ts';

/** What a run has to reach at least. */
export interface Share {
  readonly orders: number;
  readonly bridge: number;
  readonly engine: number;
  readonly counter: number;
  readonly cut: number;
  readonly freeze: number;
}

export interface RunOptions {
  readonly seed: number;
  readonly bridge: BridgeName;
  readonly share: Share;
  readonly behave: string;
  readonly pace: Pace;
  /** '' = a new one below the system's folder for such things. */
  readonly dir: string;
  readonly log: (text: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly seconds: number;
  readonly orders: number;
  readonly fills: number;
  readonly kills: { engine: number; bridge: number; counter: number };
  readonly atPoints: number;
  readonly cuts: number;
  readonly freezes: number;
  /** Orders of unknown fate at the end: without proof, still reserved. */
  readonly unknown: number;
  readonly noticedMs: Record<CutKind, number[]>;
  readonly againMs: Record<CutKind, number[]>;
  /** Of each timed cut that led to a recovery: where its time went. */
  readonly parts: readonly Parts[];
  readonly findings: readonly string[];
  /** The evidence of a run with findings. */
  readonly dir?: string;
}

const KINDS = ['bridge', 'engine', 'counter', 'cut', 'freeze'] as const;
/** Of the cuts, those out of working order and timed. */
const TIMED = 0.5;
const SILENT = 0.4;
/** Of the faults, those that come before the one before is over. */
const DISORDER = 0.6;
const STOPS = ['SIGINT', 'SIGTERM'] as const;
const SAY_MS = 10_000;
const PIECE = 200;

export async function runOnce(options: RunOptions): Promise<RunResult> {
  const { seed, bridge, share, behave, pace, log } = options;
  const started = performance.now();
  const dir = options.dir === '' ? mkdtempSync(join(tmpdir(), 'pankou-campaign-')) : options.dir;
  const rig = new CrashRig({ dir, seed, behave, bridge, pace, log });
  const stop = (): void => {
    void rig.clean(options.dir !== '').then(() => process.exit(130));
  };
  for (const name of STOPS) process.once(name, stop);
  const progress = setInterval(() => log(stateOf(rig)), SAY_MS);
  let findings: readonly string[];
  let unknown = 0;
  let fills = 0;
  try {
    await rig.start();
    await play(rig, share, seededRandom(seed ^ 0xca3f));
    await rig.orders(10);
    log('all faults done: auditing');
    ({ wrong: findings, unknown, fills } = await rig.finish());
  } catch (error) {
    findings = [(error as Error).message];
  } finally {
    clearInterval(progress);
    for (const name of STOPS) process.off(name, stop);
  }
  const orders = rig.orderCount();
  await rig.clean(findings.length > 0 || options.dir !== '');
  const { killsOf: kills, atPoints, cuts, freezes, times } = rig;
  return {
    ...{ seed, seconds: Math.round((performance.now() - started) / 1000), orders, fills, kills },
    ...{ atPoints, cuts, freezes, unknown, findings },
    ...{ noticedMs: times.noticedMs, againMs: times.againMs, parts: times.parts },
    ...(findings.length > 0 ? { dir } : {}),
  };
}

/** Faults spread over the orders, until both are done. */
async function play(rig: CrashRig, share: Share, random: () => number): Promise<void> {
  for (;;) {
    const needs = KINDS.map((kind) => Math.max(0, share[kind] - doneOf(rig, kind)));
    const need = needs.reduce((sum, one) => sum + one, 0);
    // What the starved engine sent in vain counts for its day too: then this day is a shorter one.
    if (need === 0 || rig.isDayOver) break;
    const kind = drawn(needs, random() * need);
    if (kind === 'cut' && random() < TIMED) {
      const isSilent = random() < SILENT;
      const forMs = isSilent ? 2_600 + 1_400 * random() : 200 + 1_800 * random() ** 2;
      await rig.timedCut(forMs, isSilent ? 'silent' : 'closed');
    } else await rig.faultOf(kind);
    // Into the disorder, or after a stretch of peace that leaves enough orders for the rest.
    if (random() < DISORDER) {
      await new Promise((done) => setTimeout(done, random() * 800));
      continue;
    }
    const left = Math.max(0, share.orders - rig.orderCount());
    await rig.orders(3 + Math.floor((left / (need + 1)) * 2 * random()));
  }
  // In pieces: one that takes too long is a standstill.
  while (rig.orderCount() < share.orders && !rig.isDayOver) {
    await rig.orders(Math.min(PIECE, share.orders - rig.orderCount()));
  }
}

/** The kind at `dice`, of kinds as likely as they are still needed. */
function drawn(needs: readonly number[], dice: number): FaultKind {
  let left = dice;
  for (const [i, kind] of KINDS.entries()) {
    left -= needs[i]!;
    if (left < 0) return kind;
  }
  return 'cut';
}

function doneOf(rig: CrashRig, kind: FaultKind): number {
  if (kind === 'cut') return rig.cuts;
  return kind === 'freeze' ? rig.freezes : rig.killsOf[kind];
}

function stateOf(rig: CrashRig): string {
  const { bridge, engine, counter } = rig.killsOf;
  const kills = `${bridge} bridge, ${engine} engine, ${counter} counter`;
  return `${rig.orderCount()} orders; kills: ${kills}; ${rig.cuts} cuts, ${rig.freezes} freezes`;
}
