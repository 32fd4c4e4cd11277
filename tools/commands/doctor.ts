// `pankou doctor`: what on this machine is fine, what is not, what to do. Called by people before a
// first run and by bundles after unpacking. Always: changes nothing; exit 1 only when something has
// the status `fail`.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../engine/config.ts';
import type { Finding } from '../doctor/check.ts';

/** Configuration looked for when none is named. */
const DEFAULT_CONFIG = 'pankou.json';

const AFTER = `
Takes about two seconds: one of them spins a core to hear the machine's own noise.
Exit codes: 0 nothing to repair (warnings are allowed), 1 something to repair, 2 wrong use.`;

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'check node, cores, clock, noise, calendar, disk, port, quotes: what to do about each',
    )
    .argument(
      '[CONFIG]',
      `take journal folder, port and quote bridge from it (default: ${DEFAULT_CONFIG} if here)`,
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', AFTER)
    .action(async (file: string | undefined, flags: { json?: boolean }) => {
      const findings = await examine(file);
      process.exitCode = findings.some(({ status }) => status === 'fail') ? 1 : 0;
      if (flags.json === true) {
        console.log(JSON.stringify({ ok: process.exitCode === 0, findings }, null, 2));
      } else {
        const { findingsText } = await import('../doctor/check.ts');
        const colours = process.stdout.isTTY === true && !process.env['NO_COLOR'];
        console.log(findingsText(findings, colours));
      }
    });
}

/** Every finding, in the order of printing. */
async function examine(file: string | undefined): Promise<Finding[]> {
  const { installFindings } = await import('../doctor/install-checks.ts');
  const { machineFindings } = await import('../doctor/machine-checks.ts');
  const { diskFindings, portFinding } = await import('../doctor/place-checks.ts');
  const { ruleFindings, todayInChina } = await import('../doctor/rule-checks.ts');
  const { quoteFindings } = await import('../doctor/quote-checks.ts');
  const { finding, dir, host, port, rules, config } = await placesFrom(file);
  const quotes = config === null ? [] : await quoteFindings(config);
  const ours = [...finding, ...quotes];
  const found = [...(await installFindings()), ...ours, ...(await machineFindings())];
  const ruled = ruleFindings(rules, todayInChina(new Date()));
  return [...found, ...ruled, ...diskFindings(dir), await portFinding(host, port)];
}

/** Journal folder and port, and what there is to say about the configuration itself. */
async function placesFrom(file: string | undefined) {
  const { fail, ok, warn } = await import('../doctor/check.ts');
  const chosen = file ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const { overlayFiles } = await import('../../engine/rules/overlay-files.ts');
  const places = {
    ...{ finding: [] as Finding[], dir: resolve('runs'), host: '127.0.0.1', port: 8_720 },
    rules: overlayFiles([], process.cwd()) as readonly string[],
    config: null as Config | null,
  };
  if (chosen === undefined) return places;
  const { ConfigError, loadConfig } = await import('../../engine/config.ts');
  try {
    const config = loadConfig(chosen);
    const { path, warnings, journal, api, rules } = config;
    const first = ok('configuration', `${path} is fine`);
    const rest = warnings.map((text) => warn('configuration', text, 'change it if not meant so'));
    const finding = [first, ...rest];
    return { finding, dir: journal.dir, host: api.host, port: api.port, rules, config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first, ...lines] = error.message.split('\n');
    const advice = lines.map((line) => line.trim()).join('; ') || 'see examples/paper.json';
    return { ...places, finding: [fail('configuration', first, advice)] };
  }
}
