// QMT way A (xtquant) over the stand-in in the conformance kit: real processes, real sockets.
// Run by vitest; needs python3 where the bridge is a Python program.
import { gatewayKit } from './gateway.contract.ts';
import { ProcessGateway } from './gateway-processes.ts';

const gateway = new ProcessGateway('xtquant');
gatewayKit('QMT way A (xtquant) over the stand-in', gateway.cannot, {
  gateway: () => gateway,
  start: () => gateway.start(),
  stop: () => gateway.stop(),
});
