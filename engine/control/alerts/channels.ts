// Hands a message to a mail server, a WeCom group robot or a DingTalk robot. Called by the sender
// of each channel. Always: a promise that settles within the deadline; secrets are read from their
// file at each message and are in no error text; an answer that is not a clear yes is a failure.
import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import type { ChannelConfig } from '../../config-arming.ts';
import type { Rendered } from './alert-message.ts';

/** A channel that says nothing for so long has failed; it is tried again. */
export const SEND_MS = 10_000;
/** A robot's markdown has 4,096 bytes (WeCom) or 20,000 (DingTalk). */
const MARKDOWN_BYTES = 4_000;
/** DingTalk and WeCom: 0 = taken. */
const TAKEN = 0;

/** Sends one message; rejects with a text for people. */
export async function deliver(channel: ChannelConfig, message: Rendered): Promise<void> {
  if (channel.kind === 'email') await sendMail(channel, message);
  else if (channel.kind === 'wecom') {
    const url = secretOf(channel.urlFile);
    await post(url, { msgtype: 'markdown', markdown: { content: markdownOf(message) } });
  } else {
    const url = signed(secretOf(channel.urlFile), channel.secretFile, Date.now());
    const { title } = message;
    await post(url, { msgtype: 'markdown', markdown: { title, text: markdownOf(message) } });
  }
}

/** Adds timestamp and signature as DingTalk's robots with a secret want them. */
function signed(url: string, secretFile: string, nowMs: number): string {
  if (secretFile === '') return url;
  const secret = secretOf(secretFile);
  const text = `${nowMs}\n${secret}`;
  const sign = createHmac('sha256', secret).update(text).digest('base64');
  const address = new URL(url);
  address.searchParams.set('timestamp', String(nowMs));
  address.searchParams.set('sign', sign);
  return address.href;
}

async function post(url: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(SEND_MS),
    });
  } catch (error) {
    throw new Error(`no answer of the webhook: ${causeOf(error)}`);
  }
  const text = (await response.text()).slice(0, 500);
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  const { errcode, errmsg } = answerOf(text);
  if (errcode === TAKEN) return;
  throw new Error(`the webhook refused: ${errcode ?? 'no errcode'} ${String(errmsg ?? '')}`);
}

function answerOf(text: string): { errcode?: unknown; errmsg?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function sendMail(
  channel: Extract<ChannelConfig, { kind: 'email' }>,
  { title, lines }: Rendered,
): Promise<void> {
  const { host, port, security, user, passwordFile, from, to } = channel;
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
    ...{ ignoreTLS: security === 'none', disableFileAccess: true, disableUrlAccess: true },
    ...{ connectionTimeout: SEND_MS, greetingTimeout: SEND_MS, socketTimeout: SEND_MS },
    ...(user === '' ? {} : { auth: { user, pass: secretOf(passwordFile) } }),
  });
  try {
    await transport.sendMail({ from, to: [...to], subject: title, text: `${lines.join('\n')}\n` });
  } catch (error) {
    const { code = '', responseCode } = error as { code?: string; responseCode?: number };
    // The server's own words may repeat what it was sent.
    const what = responseCode === undefined ? code : `${code} ${responseCode}`;
    throw new Error(`the mail server refused: ${what === '' ? 'no reason given' : what}`);
  } finally {
    transport.close();
  }
}

/** Text of a message in the dialect that both robots know, cut between lines. */
function markdownOf({ title, lines }: Rendered): string {
  let text = `**${escaped(title)}**`;
  for (const [i, line] of lines.entries()) {
    const next = `${text}\n\n> ${escaped(line)}`;
    if (Buffer.byteLength(next) > MARKDOWN_BYTES) return `${text}\n\n> … ${lines.length - i}`;
    text = next;
  }
  return text;
}

/** A name from outside must not become a link or a mention. */
function escaped(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[<>[\]`@*]/g, (c) => FULL_WIDTH[c] ?? ' ');
}

const FULL_WIDTH: { readonly [char: string]: string } = {
  ...{ '<': '＜', '>': '＞', '[': '［', ']': '］', '`': '｀', '@': '＠', '*': '＊' },
};

function secretOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`the file ${file} is not there`);
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw new Error(`the file ${file} can be read by others: chmod 600 it`);
  }
  return readFileSync(file, 'utf8').trim();
}

/** The system's code; a text of fetch may hold the address with its key. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error.name === 'TimeoutError' ? `nothing within ${SEND_MS / 1_000} s` : error.name;
}
