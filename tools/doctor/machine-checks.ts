// Is the machine fit: cores, pinning, priority, clock, noise, memory. Called by
// tools/commands/doctor.ts. Always: figures are those of this moment; the judgement of each is a
// pure function of the probe, so that tests can ask for every outcome.
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { allowedCores } from '../../engine/host/affinity.ts';
import type { Finding } from './check.ts';
import { fail, ok, warn } from './check.ts';
import { clockDiscipline, frequencyGovernor, isolatedCores } from './linux-facts.ts';
import type { ThreadProbe } from './thread-probe.ts';

const SPIN_MS = 1_000;
const GIB = 1024 ** 3;

/** All findings about the machine; takes a little over a second. */
export async function machineFindings(): Promise<Finding[]> {
  const cores = allowedCores();
  const before = [coreCount(cores), isolation(isolatedCores(), frequencyGovernor())];
  const after = [memory(os.freemem(), os.totalmem()), wallClock()];
  try {
    const probe = await probeThread(cores[cores.length - 1]);
    return [...before, ...threadFindings(probe), ...after];
  } catch (error) {
    const text = (error as Error).message;
    const lost = warn('threads', `a worker could not be tried: ${text}`, 'see the lines above');
    return [...before, lost, ...after];
  }
}

/** What the probe of one thread means. */
export function threadFindings(probe: ThreadProbe): Finding[] {
  return [pinning(probe), priority(probe), clock(probe), timer(probe), noise(probe)];
}

function probeThread(core: number): Promise<ThreadProbe> {
  const file = new URL('./thread-probe.ts', import.meta.url);
  const worker = new Worker(file, { workerData: { core, spinMs: SPIN_MS } });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the probe ended with ${code} and no answer`)));
  });
}

function coreCount(cores: readonly number[]): Finding {
  const model = os.cpus()[0]?.model.trim() ?? 'unknown';
  const found = `${cores.length} usable (${cores.join(', ')}), ${model}`;
  if (cores.length >= 4) return ok('cores', found);
  if (cores.length >= 2) {
    const advice = 'enough for paper; four or more let each engine thread have its own';
    return warn('cores', found, advice);
  }
  return warn('cores', found, 'one core: the engine parks instead of spinning and is slower');
}

function isolation(isolated: string | null, governor: string | null): Finding {
  if (isolated === null) return ok('isolation', 'not known on this system');
  const speed = governor === null ? '' : `, governor ${governor}`;
  if (isolated === '') {
    const advice = 'for live trading add isolcpus=, nohz_full= and rcu_nocbs= to the kernel line';
    return warn('isolation', `no isolated cores${speed}`, advice);
  }
  if (governor !== null && governor !== 'performance') {
    return warn('isolation', `cores ${isolated}${speed}`, "set the governor to 'performance'");
  }
  return ok('isolation', `cores ${isolated}${speed}`);
}

function pinning({ core, pin, allowed }: ThreadProbe): Finding {
  if (!pin.ok) return warn('pinning', pin.why, 'the engine runs unpinned, with a larger p99');
  if (allowed !== null && allowed !== String(core)) {
    return warn('pinning', `asked for core ${core}, got ${allowed}`, 'look at cgroup or taskset');
  }
  return ok('pinning', `a thread was bound to core ${core}`);
}

function priority({ raise, slack }: ThreadProbe): Finding {
  if (!raise.ok) return warn('priority', 'ordinary', raise.why);
  const slackText = slack.ok ? 'timer slack 1 ns' : `timer slack as it was (${slack.why})`;
  return ok('priority', `can be raised; ${slackText}`);
}

function clock({ clock: { backwards, resolutionNs } }: ThreadProbe): Finding {
  const found = `smallest step ${Math.round(resolutionNs)} ns, went back ${backwards} times`;
  if (backwards > 0) return fail('clock', found, 'choose another clock source (tsc) or machine');
  if (resolutionNs > 2_000) return warn('clock', found, 'latency figures will be coarse');
  return ok('clock', found);
}

function timer({ sleepLateUs }: ThreadProbe): Finding {
  const found = `a 1 ms wait is ${Math.round(sleepLateUs)} us late (median)`;
  if (sleepLateUs < 1_000) return ok('timer', found);
  return warn('timer', found, 'parked threads wake late; on Windows run with power saving off');
}

function noise({ noise: { gaps, lostShare, longestUs } }: ThreadProbe): Finding {
  const share = (lostShare * 100).toFixed(2);
  const longest = Math.round(longestUs);
  const found = `${gaps} gaps over 20 us in 1 s, ${share} % lost, longest ${longest} us`;
  if (lostShare < 0.002) return ok('noise', found);
  const advice = 'other programs or the hypervisor take time: expect it in p99; use isolated cores';
  return warn('noise', found, advice);
}

/** Free and whole memory in bytes. */
export function memory(freeBytes: number, totalBytes: number): Finding {
  const found = `${(freeBytes / GIB).toFixed(1)} of ${(totalBytes / GIB).toFixed(1)} GiB free`;
  if (freeBytes < 0.5 * GIB) return fail('memory', found, 'close programs: 0.5 GiB are needed');
  if (freeBytes < 2 * GIB) return warn('memory', found, 'large backtests need 2 GiB or more');
  return ok('memory', found);
}

function wallClock(): Finding {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zoneText = `host time zone ${zone} (the engine counts in China time by itself)`;
  const discipline = clockDiscipline();
  const offset = `${zoneText}; offset to a time server not measured`;
  if (discipline === null) return ok('wall clock', `${offset}; check it before live trading`);
  const bound = `error bound ${discipline.maxErrorMs.toFixed(1)} ms`;
  if (discipline.synchronised) return ok('wall clock', `synchronised, ${bound}; ${zoneText}`);
  return warn(
    'wall clock',
    `not synchronised; ${zoneText}`,
    'run chrony or ntpd before going live',
  );
}
