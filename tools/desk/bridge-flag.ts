// The kill flag of a bridge from the command line, past core and api: used by `pankou kill` beside
// the way through the core, and by `pankou bridge`. Always: "confirmed" is the bridge's own word;
// without it the caller says so.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../engine/config.ts';
import { loadBridgeKill } from '../../engine/control/bridge-kill.ts';
import type { BridgePlace } from '../../engine/messages/link-types.ts';
import { findEngine } from './find-engine.ts';

const KILL_LINK_FILE = fileURLToPath(
  new URL('../../gateways/bridge/kill-link.ts', import.meta.url),
);

/** What of a bridge a command line may name. */
export interface BridgeFlags {
  readonly dir?: string;
  readonly address?: string;
  readonly secretFile?: string;
}

/** The bridge meant: by address, by configuration, or a running engine's; null = it has none. */
export function bridgeOf({ dir, address, secretFile }: BridgeFlags): BridgePlace | null {
  if (address !== undefined || secretFile !== undefined) {
    if (address === undefined || secretFile === undefined) {
      throw new Error('--address and --secret-file go together');
    }
    return { file: KILL_LINK_FILE, address, secretFile: resolve(secretFile) };
  }
  if (dir !== undefined && existsSync(dir) && statSync(dir).isFile()) {
    const { gateway } = loadConfig(resolve(dir));
    if (gateway.kind !== 'bridge') return null;
    const { address: at, secretFile: file } = gateway;
    return { file: KILL_LINK_FILE, address: at, secretFile: file };
  }
  return findEngine(dir ?? null).bridge ?? null;
}

export interface FlagAnswer {
  /** Accounts the bridge has set; null = it has not confirmed. */
  readonly accounts: readonly string[] | null;
  /** What the link said last. */
  readonly why: string;
}

/** Sets the flag of an account (`*`: of all) and waits for the bridge's word. */
export async function setBridgeFlag(
  place: BridgePlace,
  account: string,
  on: boolean,
  patienceMs: number,
): Promise<FlagAnswer> {
  let accounts: readonly string[] | null = null;
  let why = 'no connection';
  const link = await loadBridgeKill(place, {
    log: (text) => {
      why = text;
    },
    onSet: (names) => {
      accounts = names;
    },
  });
  try {
    link.set(account, on);
    const until = performance.now() + patienceMs;
    while (accounts === null && performance.now() < until) await sleep(5);
    return { accounts, why };
  } finally {
    link.close();
  }
}
