// `pankou order settle`: a person closes an order of a running engine whose fate stays unknown, by
// figures he answers for. Always: no share is booked that was not said in figures; exit code 1 when
// the engine refused or does not answer.
import { type Command, Option } from 'commander';
import { audited } from '../desk/audited.ts';
import { command, type Flags, fail, nameOption, show, withSession } from '../desk/desk-command.ts';
import { wholeNumber, yuanValue } from '../option-values.ts';

interface SettleFlags extends Flags {
  as: 'filled' | 'cancelled' | 'rejected';
  by: string;
  reason: string;
  filled?: number;
  price?: number;
}

const HELP = `
Only an order that is unknown can be closed so: the broker has not said what became of it, and until
then its cash or shares stay reserved and nothing more is bought of the instrument. Ask the broker
first. The figures are booked as said and stand in the journal with name and reason; fills that the
broker tells of later are not booked a second time, and more than was said is.
  --as cancelled                          nothing more traded than is booked
  --as cancelled --filled 300 --price 10.05
                                          300 in all traded, the rest was cancelled; those that were
                                          not booked before cost 10.05
  --as filled --filled 500 --price 10.05  all 500 traded
  --as rejected                           the broker never took it`;

const SHARES = wholeNumber(0, 2_000_000_000);

export function registerOrderDesk(program: Command): void {
  const order = program.command('order').description('one order of a running engine');
  command(order, 'settle', 'close an order of unknown fate, by figures a person answers for', false)
    .argument('<ORDER>', 'client order id, 16 characters')
    .addOption(
      new Option('--as <END>', 'how it ended')
        .choices(['filled', 'cancelled', 'rejected'])
        .makeOptionMandatory(),
    )
    .requiredOption('--by <NAME>', 'who says so')
    .requiredOption('--reason <TEXT>', 'why; the journal keeps 64 bytes of it')
    .option('--filled <SHARES>', 'shares traded in all (default: as booked)', SHARES)
    .option('--price <YUAN>', 'price of the shares that were not booked before', yuanValue)
    .addHelpText('after', HELP)
    .action((coid: string, flags: SettleFlags) =>
      withSession(flags, async ({ trading, engine }) => {
        const { as, reason, filled, price } = flags;
        const by = nameOption(flags.by);
        const figures = {
          ...{ coid, as, reason },
          ...(filled === undefined ? {} : { filledQty: filled }),
          ...(price === undefined ? {} : { priceE4: price }),
        };
        const step = { dir: engine.dir, what: 'order-settle', about: figures, by, first: true };
        const outcome = await audited(step, () => trading.words.settle({ ...figures, by }));
        if (!outcome.ok) fail(flags, outcome.error);
        else {
          const { status, filledQty, qty } = outcome.data;
          show(flags, outcome.data, `${coid}: ${status}, ${filledQty} of ${qty} traded`);
        }
      }),
    );
}
