// Accounts with a stage for the fake api server of the dashboard tests: answers `arming`, puts the
// stage that `arm` and `disarm` name in force. Whoever makes a fake engine sets its rows.
import type { ArmingRow } from '../../dashboards/src/protocol.ts';

export class FakeArming {
  rows: readonly ArmingRow[] = [];

  /** Data of the reply, or undefined for a call that is another's. */
  take(op: string, message: Record<string, unknown>): object | undefined {
    if (op === 'arming') return { rows: this.rows };
    if (op !== 'arm' && op !== 'disarm') return undefined;
    const stage = (op === 'arm' ? message['stage'] : 'disarmed') as ArmingRow['stage'];
    const { account } = message;
    this.rows = this.rows.map((row) => (row.account === account ? { ...row, stage } : row));
    return { account, stage };
  }
}

/** One command as it arrived, token included, so that a test can assert on all of it. */
export interface SeenCommand {
  op: string;
  coid?: string;
  token?: string;
  stage?: string;
  accepted: boolean;
}
