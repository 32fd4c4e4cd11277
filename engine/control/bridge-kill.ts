// The kill flag of a bridge, reached past the core: what the api process and `pankou kill` hold of
// a bridge, and its loader. gateways/bridge/kill-link.ts implements it and is loaded by the path
// that the launcher gives, so nothing here imports a gateway.
// Always: setting it needs no core; the flag is the bridge's, holds over restarts and days, refuses
// every order there and cancels what is open; only a person lets it go (`pankou bridge release`).
import { pathToFileURL } from 'node:url';
import type { BridgePlace } from '../messages/link-types.ts';

export interface BridgeKillOptions {
  readonly address: string;
  readonly secretFile: string;
  readonly log: (text: string) => void;
  /** The bridge has confirmed. */
  readonly onSet?: (accounts: readonly string[], on: boolean) => void;
}

export interface BridgeKill {
  /** The bridge would hear at once. */
  readonly isOpen: boolean;
  /** Nothing is left that the bridge has not confirmed. */
  readonly isConfirmed: boolean;
  /** Kill flag of an account (`*`: of all) on or off; false = it is said when the link is back. */
  set(account: string, on: boolean): boolean;
  close(): void;
}

/** Throws what the module throws: a secret that cannot be read, a malformed address. */
export async function loadBridgeKill(
  { file, address, secretFile }: BridgePlace,
  rest: Omit<BridgeKillOptions, 'address' | 'secretFile'>,
): Promise<BridgeKill> {
  const module = (await import(pathToFileURL(file).href)) as {
    openBridgeKill(options: BridgeKillOptions): BridgeKill;
  };
  return module.openBridgeKill({ address, secretFile, ...rest });
}
