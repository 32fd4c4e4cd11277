// The simulated exchange in the conformance kit.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked; it answers at once, so
// nothing is waited for.
import type { Fields, MessageClass, Shown } from '../support/actor-harness.ts';
import { Scene } from '../unit/sim-exchange/scenario.ts';
import { gatewayKit } from './gateway.contract.ts';
import { ACCOUNTS, cannotOf, type GatewayUnderTest, SYMBOLS } from './gateway-under-test.ts';

class SimulatedGateway implements GatewayUnderTest {
  readonly cannot = cannotOf('gateways/sim/capabilities.json');
  #scene = this.#open();
  #orderNo = 100;
  #kept: number[] = [];

  send<T>(message: MessageClass<T>, fields: Fields<T>, account: number): void {
    this.#scene.requests[account]!.send(message, fields);
  }

  async take(): Promise<Shown[]> {
    this.#scene.work();
    return this.#scene.reports.flatMap((pipe) => pipe.take());
  }

  settle(): Promise<Shown[]> {
    return this.take();
  }

  async market(instrument: number, side: number, priceE4: number, qty: number, keep: boolean) {
    this.#scene.work();
    const word = side === 1 ? 'buy' : 'sell';
    const no = ++this.#orderNo;
    const on = instrument === 0 ? '' : ` on ${instrument}`;
    this.#scene.event(`add ${no} ${word} ${qty} @ ${priceE4 / 10_000}${on}`);
    if (!keep) this.#scene.event(`drop ${no} ${word} ${qty}${on}`);
    else this.#kept.push(no);
  }

  async phase(name: 'continuous' | 'closed'): Promise<void> {
    this.#scene.event(`phase ${name}`);
  }

  async books(): Promise<null> {
    return null;
  }

  async deed(words: readonly string[]): Promise<void> {
    throw new Error(`it has no link: ${words.join(' ')}`);
  }

  /** A fresh day each. */
  async clear(): Promise<void> {
    this.#scene = this.#open();
  }

  #open(): Scene {
    const scene = new Scene({
      accounts: ACCOUNTS.length,
      symbols: SYMBOLS.slice(0, 2),
      orders: 512,
    });
    scene.event('phase continuous');
    for (const pipe of scene.reports) pipe.take();
    return scene;
  }
}

const gateway = new SimulatedGateway();
gatewayKit('the simulated exchange', gateway.cannot, {
  gateway: () => gateway,
  start: async () => {},
  stop: async () => {},
});
