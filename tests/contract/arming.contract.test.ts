// Arming over HTTP and WebSocket: a real api process's inside between a fake core and a fake robot.
// What each step needs, what is refused and how, what the audit log then holds. One server is
// enough: both servers' ways in are the trading contract's business.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PeopleStore } from '../../engine/control/arming/people-store.ts';
import { REJECT_KILLED } from '../../engine/core/reject-code.ts';
import { AuditLog, readAudit, verifyAudit } from '../../engine/journal/audit-log.ts';
import { ARM_NAMES, CAN_ARM, LINK_READY, STAGE_GATEWAY } from '../../engine/messages/codes.ts';
import { Arming, BridgeFacts, LinkState } from '../../engine/messages/generated/broker.ts';
import { TYPE_ARMING } from '../../engine/messages/generated/types.ts';
import { type Setup, startApi, TOKEN } from '../support/api-setup.ts';
import { frame, makeMeta } from '../support/control-frames.ts';
import { FakeWebhook } from '../support/fake-webhook.ts';
import { waitFor } from '../support/wait-for.ts';

const PASSWORD = 'correct horse battery';
const NUMBER = '88800012345';
const china = (): number =>
  Number(new Date(Date.now() + 28_800_000).toISOString().slice(0, 10).replaceAll('-', ''));

let dir = '';
let hook: FakeWebhook;
let setup: Setup;
/** Code with which the core answers the next change; 0 = it puts it in force. */
let refusal = 0;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-arming-'));
  hook = new FakeWebhook();
  await hook.open();
  const people = new PeopleStore(dir, Date.now, { N: 1_024 });
  await people.setPassword(PASSWORD);
  await people.close();
  const urlFile = join(dir, 'robot');
  writeFileSync(urlFile, `http://127.0.0.1:${hook.port}/send`, { mode: 0o600 });
  refusal = 0;
  const pilot = { orderAmountE4: 1e8, dayAmountE4: 1e9, instruments: ['600001.SH'] };
  const reported = { day: 20251201, by: 'Li', perSecond: 10, perDay: 1_000 };
  setup = await startApi(
    'ws',
    {
      runDir: dir,
      arming: [{ id: 'paper', number: NUMBER, reported, pilot }],
      alerts: {
        ...{ language: 'en', levels: {}, perMinute: 60, repeatMinutes: 1, rejectsPerMinute: 5 },
        ...{ diskFreeMiB: 1, channels: { robot: { kind: 'wecom', urlFile, level: 'warning' } } },
      },
    },
    {},
    makeMeta({ day: china() }),
  );
  const { core } = setup;
  core.onCommand = (type, memory, at) => {
    if (type !== TYPE_ARMING) return;
    const { stage } = new Arming().wrap(memory, at);
    core.socket.send(frame(Arming, { stage, code: refusal, source: STAGE_GATEWAY }), 0);
  };
  core.socket.send(frame(Arming, { stage: 0 }), 0);
  core.socket.send(frame(LinkState, { state: LINK_READY, sessionNo: 1 }), 0);
  const facts = { capabilities: CAN_ARM, hasClock: 1, clockOffsetMs: 12 };
  core.socket.send(frame(BridgeFacts, facts), 0);
  core.socket.sendJson('health', {
    actors: [],
    arming: {
      ...{ live: true, unpriced: [], today: { day: china(), known: true, trading: true } },
      accounts: [{ id: 'paper', killed: false, perSecond: 10, perDay: 1_000 }],
    },
  });
  await waitFor('the facts', () => setup.api.replica.stages.facts !== undefined);
});
afterEach(async () => {
  await setup.close();
  await hook.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly data: { readonly [name: string]: unknown; readonly rows: readonly Row[] };
  readonly error: { readonly code: string; readonly message: string; conditions?: Condition[] };
}
interface Condition {
  readonly id: string;
}
interface Row {
  readonly stage: string;
  readonly ready: boolean;
  readonly conditions: readonly { readonly id: string; readonly ok: boolean }[];
}

let keys = 0;
async function ask(path: string, body?: object, key = `k${keys++}`): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${setup.port}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Omit<Answer, 'status'>;
  return { ...answer, status: response.status };
}

const proof = { number: NUMBER, password: PASSWORD, by: 'Li Wei' };
const arm = (stage: string, more: object = proof, key?: string) =>
  ask('arming/arm', { stage, ...more }, key);
const audit = () => readAudit(dir).map(({ what, result }) => `${what} ${result.split(':')[0]}`);

describe('arming', () => {
  test('goes up step by step, each step proven, and down at once', async () => {
    expect((await ask('arming')).data.rows[0]).toMatchObject({ stage: 'disarmed', ready: false });
    expect((await arm('pilot')).error.message).toContain('the next stage is shadow');
    expect(await arm('shadow', {})).toMatchObject({ status: 200, data: { stage: 'shadow' } });
    const early = await arm('pilot');
    expect(early.status).toBe(409);
    expect(early.error.conditions!.map(({ id }) => id)).toEqual(['alerts']);
    expect(await ask('alerts/test', {})).toMatchObject({ data: { channels: [{ ok: true }] } });
    expect((await ask('arming')).data.rows[0]).toMatchObject({ stage: 'shadow', ready: true });
    expect(await arm('pilot')).toMatchObject({ status: 200, data: { stage: 'pilot' } });
    expect(await arm('full')).toMatchObject({ status: 200, data: { stage: 'full' } });
    expect(await ask('arming/disarm', {})).toMatchObject({ data: { accounts: ['paper'] } });
    expect((await ask('arming')).data.rows[0]!.stage).toBe('disarmed');
    expect(audit()).toEqual([
      ...['arm asked', 'arm not-armed', 'arm asked', 'arm done', 'arm asked', 'arm not-armed'],
      ...['alert-test done', 'arm asked', 'arm done', 'arm asked', 'arm done', 'disarm done'],
    ]);
    expect(verifyAudit(dir).problems).toEqual([]);
    expect(readFileSync(join(dir, 'audit.log'), 'utf8')).not.toMatch(/horse|88800012345/);
    expect(readAudit(dir)[0]).toMatchObject({ who: 'Li Wei', from: 'http 127.0.0.1' });
  });

  test('a wrong password or number is refused the same way, and guessing is stopped', async () => {
    await arm('shadow', {});
    const wrong = await arm('pilot', { ...proof, password: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, error: { code: 'unauthorised' } });
    const number = await arm('pilot', { ...proof, number: '1' });
    expect(number).toMatchObject({ status: 401, error: { code: 'unauthorised' } });
    for (let i = 0; i < 5; i++) await arm('pilot', { ...proof, password: 'wrong' });
    expect(await arm('pilot')).toMatchObject({ status: 429, error: { code: 'too-fast' } });
    expect((await ask('arming/disarm', {})).status).toBe(200);
    const sent = setup.core.commands.filter(({ type }) => type === TYPE_ARMING);
    expect(sent).toHaveLength(2);
  });

  test('one key is one step; another content under it is refused', async () => {
    await arm('shadow', {}, 'same');
    await arm('shadow', {}, 'same');
    expect(setup.core.commands).toHaveLength(1);
    expect(await arm('disarmed', {}, 'same')).toMatchObject({ error: { code: 'key-reused' } });
  });

  test("the core's refusal is the answer", async () => {
    refusal = REJECT_KILLED;
    const answer = await arm('shadow', {});
    expect(answer).toMatchObject({ status: 422, error: { code: 'refused' } });
    expect(answer.error.message).toBe('kill switch is on');
    expect((await ask('arming')).data.rows[0]!.stage).toBe('disarmed');
  });

  test('without an audit log nothing goes up; disarming and kill still work', async () => {
    await arm('shadow', {});
    const { append } = AuditLog.prototype;
    AuditLog.prototype.append = () => {
      throw new Error('ENOSPC');
    };
    try {
      expect(await arm('disarmed', {})).toMatchObject({ error: { code: 'audit-failed' } });
      expect((await ask('arming/disarm', {})).status).toBe(200);
      expect((await ask('trading/kill', {})).status).toBe(200);
      expect((await ask('trading/risk-resume', {})).status).toBe(503);
    } finally {
      AuditLog.prototype.append = append;
    }
    expect(setup.log.join()).toContain('ENOSPC');
    await waitFor('an alert about it', () =>
      hook.posts.some(({ body }) => body.markdown!.content!.includes('audit log not writable')),
    );
  });

  test('every stage but a disarmed one is told to people', async () => {
    await arm('shadow', {});
    await waitFor('the alert', () =>
      hook.posts.some(({ body }) => body.markdown!.content!.includes('is now shadow')),
    );
  });

  test('stages by name', () => {
    expect(ARM_NAMES).toEqual(['disarmed', 'shadow', 'pilot', 'full']);
  });
});
