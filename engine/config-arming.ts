// The sections `arming` and `alerts` of a configuration as the engine uses them: which accounts
// need arming, what was reported of them, what a pilot may do; who is told of what. Built by
// engine/config.ts. Always: money in 1/10,000 yuan, files absolute; an account behind a bridge that
// is not marked simulated needs arming, whether the section names it or not.
import { resolve } from 'node:path';
import type { ConfigFile } from './config-schema.ts';

/** An account as it was reported to the exchanges for programmatic trading. */
export interface Reported {
  readonly day: number;
  readonly by: string;
  readonly perSecond: number;
  readonly perDay: number;
}

export interface PilotConfig {
  readonly orderAmountE4: number;
  readonly dayAmountE4: number;
  readonly instruments: readonly string[];
}

/** One account that must be armed. */
export interface ArmedAccount {
  readonly id: string;
  /** What a person types to arm it. */
  readonly number: string;
  readonly reported: Reported | null;
  readonly pilot: PilotConfig | null;
}

export interface ArmingConfig {
  /** The stage outlives a restart within its trading day. */
  readonly keepOverRestart: boolean;
  readonly accounts: readonly ArmedAccount[];
}

export type AlertLevel = 'info' | 'warning' | 'critical';

export type ChannelConfig =
  | {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      readonly security: 'tls' | 'starttls' | 'none';
      readonly user: string;
      /** '' = none. */
      readonly passwordFile: string;
      readonly from: string;
      readonly to: readonly string[];
      readonly level: AlertLevel;
    }
  | { readonly kind: 'wecom'; readonly urlFile: string; readonly level: AlertLevel }
  | {
      readonly kind: 'dingtalk';
      readonly urlFile: string;
      /** '' = the robot asks for none. */
      readonly secretFile: string;
      readonly level: AlertLevel;
    };

export interface AlertsConfig {
  readonly language: 'zh' | 'en';
  readonly channels: { readonly [name: string]: ChannelConfig };
  readonly levels: { readonly [event: string]: AlertLevel | 'off' };
  readonly perMinute: number;
  readonly repeatMinutes: number;
  readonly rejectsPerMinute: number;
  readonly diskFreeMiB: number;
}

export function buildArming(data: ConfigFile): ArmingConfig {
  const { keepOverRestart, accounts } = data.arming;
  const needing = data.gateway.kind === 'bridge' ? data.accounts.filter((a) => !a.simulated) : [];
  return {
    keepOverRestart,
    accounts: needing.map(({ id }) => {
      const { number = id, reported = null, pilot } = accounts[id] ?? {};
      return { id, number, reported, pilot: pilot === undefined ? null : pilotOf(pilot) };
    }),
  };
}

type PilotFile = NonNullable<ConfigFile['arming']['accounts'][string]['pilot']>;

function pilotOf({ orderAmount, dayAmount, instruments }: PilotFile): PilotConfig {
  return { orderAmountE4: orderAmount, dayAmountE4: dayAmount, instruments };
}

export function buildAlerts(data: ConfigFile['alerts'], base: string): AlertsConfig {
  const file = (path: string | undefined): string =>
    path === undefined ? '' : resolve(base, path);
  const channels: Record<string, ChannelConfig> = {};
  for (const [name, channel] of Object.entries(data.channels)) {
    if (channel.kind === 'email') {
      const { user = '', passwordFile, ...rest } = channel;
      channels[name] = { ...rest, user, passwordFile: file(passwordFile) };
    } else if (channel.kind === 'wecom') {
      channels[name] = { ...channel, urlFile: file(channel.urlFile) };
    } else {
      const { urlFile, secretFile } = channel;
      channels[name] = { ...channel, urlFile: file(urlFile), secretFile: file(secretFile) };
    }
  }
  return { ...data, channels };
}
