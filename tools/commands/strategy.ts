// `pankou strategy FILE`: what a strategy declares: its parameters with types and ranges, and the
// events it hears. Always: the file is loaded as a backtest would load it, without the machine's
// clock, files and network; exit 0 when it could run, 1 when not, with the reason.
import { resolve } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import type { ParamSpec } from '../../engine/core/strategy.ts';

const AFTER = `
Loads the file as \`pankou backtest\` would and prints its parameters. With --json the same as
{ file, params: [{ name, default, min, max, int, choices, label }], hooks: [...] }.`;

interface Declared {
  readonly file: string;
  readonly params: readonly ({ readonly name: string } & ParamSpec)[];
  /** Events it hears. */
  readonly hooks: readonly string[];
}

export function registerStrategy(program: Command): void {
  program
    .command('strategy')
    .description('what a strategy file declares: parameters with ranges, events')
    .argument('<FILE>', 'strategy file (.ts or .py)')
    .option('--json', 'as JSON')
    .addHelpText('after', AFTER)
    .action(async (file: string, { json }: { json?: boolean }) => {
      const declared = await readStrategy(resolve(file));
      console.log(json === true ? JSON.stringify(declared) : textOf(declared));
    });
}

async function readStrategy(file: string): Promise<Declared> {
  const { loadStrategy } = await import('../../engine/host/strategy-loader.ts');
  const { strategy } = await loadStrategy(file, {}, true);
  const params = Object.entries(strategy.params).map(([name, spec]) => ({ name, ...spec }));
  const hooks = Object.entries(strategy).filter(([, value]) => typeof value === 'function');
  return { file, params, hooks: hooks.map(([name]) => name) };
}

function textOf({ file, params, hooks }: Declared): string {
  const table = new Table({
    head: ['parameter', 'type', 'default', 'may be', ''],
    style: { head: [], border: [] },
  });
  for (const spec of params) {
    const type = spec.int === true ? 'whole number' : typeof spec.default;
    table.push([spec.name, type, String(spec.default), rangeOf(spec), spec.label ?? '']);
  }
  const none = 'it takes no parameters';
  return [file, params.length === 0 ? none : table.toString(), `hears ${hooks.join(', ')}`].join(
    '\n',
  );
}

function rangeOf({ min, max, choices }: ParamSpec): string {
  if (choices !== undefined) return choices.join(', ');
  if (min === undefined && max === undefined) return '';
  return `${min ?? ''} … ${max ?? ''}`;
}
