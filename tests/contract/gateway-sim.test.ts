// The simulated exchange against the contract of gateway sessions.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { Request } from '../../engine/messages/generated/order.ts';
import { Scene } from '../unit/sim-exchange/scenario.ts';
import { type GatewayUnderTest, gatewayContract } from './gateway.contract.ts';

function simulated(): GatewayUnderTest {
  const scene = new Scene({ accounts: 2 });
  let orderNo = 100;
  return {
    request(fields) {
      scene.requests[fields.account ?? 0]!.send(Request, fields);
      scene.work();
    },
    answers: (account = 0) => scene.reports[account]!.take(),
    offer(qty) {
      orderNo++;
      scene.event(`add ${orderNo} sell ${qty} @ 10.00`);
      scene.event(`drop ${orderNo} sell ${qty}`);
    },
    open: () => scene.event('phase continuous'),
    close: () => scene.event('phase closed'),
    end() {
      scene.event('end');
      return scene.exchange.ended;
    },
  };
}

gatewayContract('the simulated exchange', simulated);
