// The state hash of a run: orders, positions and cash of every account, and how many intents each
// strategy made. Called at the end of paper runs, backtests and replays, which compare it.
import { type Account, hashAccount } from '../core/account.ts';
import { StateHash } from '../core/state-hash.ts';

/** 16 hex digits over all accounts, in order. */
export function runHash(accounts: readonly Account[]): string {
  const hash = new StateHash();
  for (const account of accounts) hashAccount(account, hash);
  return hash.hex();
}
