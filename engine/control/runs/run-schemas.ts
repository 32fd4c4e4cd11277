// What the runs interface takes and gives, as zod schemas: the source of its types, of the checks
// on requests and of the OpenAPI file. Called by runs-calls.ts. Always: an unknown field is
// refused; money is yuan as people type it, because every value becomes an option of the command
// line, which checks it again.
import { z } from 'zod';

const DAY = z.int().min(19_901_219).max(20_991_231);
const symbol = z.string().regex(/^\d{6}\.(SH|SZ|BJ)$/, { error: 'expected a code like 600519.SH' });
const yuan = z.number().min(0).max(1e12);
const path = z.string().min(1).max(1_000);
const paramText = z
  .string()
  .max(1_000)
  .regex(/^[^\n\r]*$/, { error: 'expected one line' });
const paramValue = z.union([z.number(), z.boolean(), paramText]);
const runId = z
  .string()
  .regex(/^\d{8}-\d{6}-\d{3}[0-9a-f]{3}$/, { error: 'expected the id of a run' });
const jobId = z.string().regex(/^[0-9a-f]{12}$/, { error: 'expected the id of a job' });

export const FEES = z.strictObject({
  commissionRate: z.number().min(0).max(0.01).optional().describe('0.00025 is 0.025 %'),
  commissionMin: z.number().min(0).max(1_000).optional().describe('Yuan an order'),
  stampDutyRate: z.number().min(0).max(0.01).optional().describe('The rule book when absent'),
  transferRate: z.number().min(0).max(0.01).optional().describe('The rule book when absent'),
});

export const RunBody = z.strictObject({
  strategy: path.describe('A strategy file of the configured folders, as `strategies` lists it'),
  params: z.record(z.string().regex(/^[A-Za-z_$][\w$]*$/), paramValue).default({}),
  data: path.describe('Data of the configured folders, or synthetic:SEED'),
  instruments: z.array(symbol).min(1).max(5_000),
  day: DAY.optional().describe('Trading day of synthetic data'),
  from: DAY.optional(),
  to: DAY.optional(),
  freq: z.enum(['tick', '1m', '5m', '15m', '30m', '1h', '1d']).optional(),
  cash: yuan.default(1_000_000).describe('Yuan at the open'),
  positions: z.record(symbol, z.int().min(1).max(2_000_000_000)).default({}),
  fees: FEES.optional(),
  benchmark: symbol.optional(),
  rf: z.number().min(-0.9).max(9).optional().describe('Risk-free rate a year, 0.02'),
  world: z.enum(['orders', 'touch']).optional(),
  queue: z.enum(['prob', 'pro-rata', 'front']).optional(),
  barShare: z.number().min(0.01).max(100).optional().describe('Percent of a bar’s volume'),
  latency: z.string().max(500).optional().describe('feed=300us,order=1.5ms'),
});
export type RunBody = z.infer<typeof RunBody>;

export const RunQuery = z.strictObject({ run: runId });
export const JobQuery = z.strictObject({ job: jobId });
export const PathQuery = z.strictObject({ path });
export const CompareQuery = z.strictObject({
  runs: z
    .string()
    .regex(/^[0-9a-f-]{22}(,[0-9a-f-]{22}){1,7}$/, { error: 'expected 2 to 8 ids of runs' })
    .transform((text) => text.split(','))
    .describe('Ids, separated by commas'),
});

const paramSpec = z.object({
  name: z.string(),
  default: paramValue,
  min: z.number().optional(),
  max: z.number().optional(),
  int: z.boolean().optional(),
  choices: z.array(z.string()).optional(),
  label: z.string().optional(),
});

const figures = z.object({
  pnl: z.number(),
  totalReturn: z.number().nullable(),
  maxDrawdown: z.number().nullable(),
  sharpe: z.number().nullable(),
  orders: z.number(),
  fills: z.number(),
  fees: z.number(),
});

export const RunRow = z.object({
  id: z.string(),
  at: z.string(),
  strategy: z.string(),
  instruments: z.array(z.string()),
  days: z.array(z.number()).describe('First, last, count'),
  params: z.record(z.string(), paramValue),
  figures,
  stateHash: z.string(),
  inputsHash: z.string(),
});

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

export const JobRow = z.object({
  id: z.string(),
  state: z.enum(JOB_STATES),
  strategy: z.string(),
  data: z.string(),
  instruments: z.array(z.string()),
  params: z.record(z.string(), paramValue),
  at: z.string().describe('ISO time it was asked for'),
  seconds: z.number().describe('Running so far, or in all'),
  progress: z.object({ text: z.string(), value: z.number(), total: z.number() }),
  run: z.string().nullable().describe('Id of the record it left'),
  command: z.string().describe('The command line that does the same'),
  log: z.array(z.string()).describe('Its last lines, the newest last'),
  logDropped: z.number().describe('Lines before those'),
});
export type JobRow = z.infer<typeof JobRow>;

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** [day, seconds since midnight, yuan] */
const curve = z.array(z.array(z.number())).describe('[day, seconds, yuan]');

export const RunData = z.object({
  row: RunRow,
  strategyFile: z.string(),
  dataPath: z.string(),
  seconds: z.number(),
  notes: z.array(z.string()),
  warnings: z.array(z.string()),
  failures: z.array(z.string()),
  changed: z.array(z.string()).describe('Files that are not as they were recorded'),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  inputs: z.record(z.string(), plain).describe('What decided it, by path'),
  figures: z.record(z.string(), plain).describe('Every figure of the report, by path'),
  curve,
  code: z.array(z.object({ name: z.string(), text: z.string() })),
  reportUrl: z.string().nullable(),
  again: RunBody.nullable().describe('The request that would run it again'),
});

export const ComparisonData = z.object({
  runs: z.array(RunRow),
  inputs: z.array(z.object({ what: z.string(), values: z.array(z.string()) })),
  figures: z.array(z.object({ what: z.string(), values: z.array(plain) })),
  curves: z.array(curve),
  firstFill: z
    .object({ line: z.number(), a: z.string(), b: z.string() })
    .nullable()
    .describe('Of two runs: the first line of fills.csv that differs'),
  contradiction: z.boolean().describe('The same inputs gave another state'),
});

const folderRow = z.object({ path: z.string(), name: z.string() });

export const SourcesData = z.object({
  strategies: z.array(folderRow),
  data: z.array(folderRow.extend({ kind: z.enum(['folder', 'store', 'file']) })),
  strategyFolders: z.array(z.string()),
  dataFolders: z.array(z.string()),
  runs: z.string().describe('Where runs are kept'),
});

export const StrategyData = z.object({ file: z.string(), params: z.array(paramSpec) });

export const DataFacts = z.object({
  rows: z.array(
    z.object({
      symbol: z.string(),
      kind: z.string(),
      firstDay: z.number(),
      lastDay: z.number(),
      files: z.number(),
    }),
  ),
  known: z.boolean().describe('False for folders of CSV: nobody has read them'),
});
