// the Node bridge over the simulated counter in the conformance kit: real processes, real sockets.
// Run by vitest; needs python3 where the bridge is a Python program.
import { gatewayKit } from './gateway.contract.ts';
import { ProcessGateway } from './gateway-processes.ts';

const gateway = new ProcessGateway('node');
gatewayKit('the Node bridge over the simulated counter', gateway.cannot, {
  gateway: () => gateway,
  start: () => gateway.start(),
  stop: () => gateway.stop(),
});
