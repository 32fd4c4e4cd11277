// Stages of accounts behind a real broker, as the api process tells them: asked for once a
// connection, and every few seconds where there is such an account. Used by ArmingPanel.vue. Always
// holds: nothing is asked without a token; a password is sent once and kept nowhere.
import { shallowRef } from 'vue';
import type { CommandResult } from './connection.ts';
import { ask } from './engine-store.ts';
import type { ArmingRow, Stage } from './protocol.ts';

/** What a person gives to go up. */
export interface Proof {
  readonly by: string;
  readonly number: string;
  readonly password: string;
}

/** Empty = no account here needs arming. */
export const armingRows = shallowRef<readonly ArmingRow[]>([]);

/** Asks for stages and conditions; whether there are any. */
export async function refreshArming(): Promise<boolean> {
  const result = await ask({ op: 'arming' });
  if (result.ok) {
    const { rows = [] } = (result.data ?? {}) as { rows?: readonly ArmingRow[] };
    armingRows.value = rows;
  }
  return armingRows.value.length > 0;
}

/** One step; the rows are asked for again whatever came of it. */
export async function arm(account: string, stage: Stage, proof: Proof): Promise<CommandResult> {
  const { by, number, password } = proof;
  const named = by.trim() === '' ? {} : { by: by.trim() };
  const proven = stage === 'shadow' ? {} : { number, password };
  const key = `page-${crypto.randomUUID()}`;
  const result = await ask({ op: 'arm', account, stage, key, ...named, ...proven });
  await refreshArming();
  return result;
}

export async function disarm(account: string): Promise<CommandResult> {
  const result = await ask({ op: 'disarm', account });
  await refreshArming();
  return result;
}
