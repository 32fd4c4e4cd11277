// What the launcher and the core process say to each other over their IPC channel: plain data.
// Invariant: the launcher speaks first (`start`), the core last (`ended` or `refused`).
import type { Config } from '../config.ts';
import type { RunSummary } from './run-summary.ts';

/** Launcher -> core. The first message is `start`. */
export type ToCore =
  | {
      readonly kind: 'start';
      readonly config: Config;
      readonly runDir: string;
      /** Local socket for the api process and what it must say; null = no api. */
      readonly socket: { readonly address: string; readonly secret: string } | null;
      readonly engineId: string;
    }
  | { readonly kind: 'stop' };

/** Core -> launcher. */
export type FromCore =
  | { readonly kind: 'running'; readonly notes: readonly string[] }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly source: string;
      readonly text: string;
    }
  | { readonly kind: 'progress'; readonly fraction: number; readonly text: string }
  /** Could not start; a text for people. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'ended'; readonly summary: RunSummary; readonly failure: string };
