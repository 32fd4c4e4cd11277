// What people enter and the engine must not lose: the proof of the trading password and the count
// of wrong ones, in an LMDB environment of its own below the run folder (back it up). Called by the
// api process and by `pankou arm --set-password`. Always: no password is stored, only its scrypt
// hash; guessing is slowed down over restarts; the kill switch and disarming never come by here.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';

const FOLDER = 'people';
/** 376 ms on a machine of 2025: OWASP's figures for scrypt. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const MEMORY_MAX = 256 * 1_048_576;
const HASH_BYTES = 32;
/** Wrong passwords that cost nothing but time. */
const FREE_TRIES = 5;
const LOCK_MS = 60_000;
const LOCK_MAX_MS = 3_600_000;
export const PASSWORD_MIN = 8;

interface StoredPassword {
  readonly salt: string;
  readonly hash: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly setAt: string;
}

interface Tries {
  readonly wrong: number;
  readonly lockedUntilMs: number;
}

export type PasswordVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'none' | 'wrong' }
  | { readonly ok: false; readonly why: 'locked'; readonly seconds: number };

export class PeopleStore {
  readonly #root: RootDatabase;
  readonly #now: () => number;
  readonly #cost: { readonly N: number; readonly r: number; readonly p: number };
  /** One guess at a time: parallel ones would all see the count of before. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(runDir: string, now: () => number = Date.now, cost: typeof COST | object = COST) {
    const path = join(runDir, FOLDER);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#root = open({ path, compression: false });
    this.#now = now;
    this.#cost = { ...COST, ...cost };
  }

  get hasPassword(): boolean {
    return this.#root.get('password') !== undefined;
  }

  /** Stores the proof of a password. Throws when it is too short. */
  async setPassword(password: string): Promise<void> {
    if ([...password].length < PASSWORD_MIN) {
      throw new Error(`the trading password needs at least ${PASSWORD_MIN} characters`);
    }
    const salt = randomBytes(16);
    const hash = await hashOf(password, salt, this.#cost);
    const setAt = new Date(this.#now()).toISOString();
    const stored: StoredPassword = {
      ...{ salt: salt.toString('hex'), hash: hash.toString('hex'), setAt, ...this.#cost },
    };
    await this.#root.put('password', stored);
    await this.#root.remove('tries');
    await this.#root.flushed;
  }

  /** Whether this is the password; counts wrong ones, durable before it answers. */
  checkPassword(password: string): Promise<PasswordVerdict> {
    const verdict = this.#queue.then(() => this.#check(password));
    this.#queue = verdict.catch(() => {});
    return verdict;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#root.close();
  }

  async #check(password: string): Promise<PasswordVerdict> {
    const stored = this.#root.get('password') as StoredPassword | undefined;
    if (stored === undefined) return { ok: false, why: 'none' };
    const tries = (this.#root.get('tries') as Tries | undefined) ?? { wrong: 0, lockedUntilMs: 0 };
    const leftMs = tries.lockedUntilMs - this.#now();
    if (leftMs > 0) return { ok: false, why: 'locked', seconds: Math.ceil(leftMs / 1_000) };
    // Counted before it is looked at: a process that is killed meanwhile has still guessed.
    const wrong = tries.wrong + 1;
    const over = wrong - FREE_TRIES;
    const lockMs = over < 0 ? 0 : Math.min(LOCK_MAX_MS, LOCK_MS * 2 ** over);
    await this.#root.put('tries', { wrong, lockedUntilMs: this.#now() + lockMs });
    await this.#root.flushed;
    const hash = await hashOf(password, Buffer.from(stored.salt, 'hex'), stored);
    if (!timingSafeEqual(hash, Buffer.from(stored.hash, 'hex'))) return { ok: false, why: 'wrong' };
    await this.#root.remove('tries');
    return { ok: true };
  }
}

function hashOf(
  password: string,
  salt: Buffer,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: MEMORY_MAX };
    // The same characters typed on another system may come decomposed.
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
