// Which frames on the way to the gateway are decisions of OMS, risk or people, not requests: they
// are written down and handed back, and hold from then on. Called by the gateway link.
// Always: a decision that could not be written takes no effect.
import { OrderSettle, RiskConfirm } from '../messages/generated/control.ts';
import { ParentIntent, ParentUpdate, Reject, Report } from '../messages/generated/order.ts';

/** Whether frames of this type are decisions that hold once they are written. */
export function isDecision(type: number): boolean {
  return (
    type === Reject.TYPE ||
    type === Report.TYPE ||
    type === ParentIntent.TYPE ||
    type === ParentUpdate.TYPE ||
    type === RiskConfirm.TYPE ||
    type === OrderSettle.TYPE
  );
}
