// The pages: every file of dashboards/dist, read once into memory and served under its fixed name.
// Called by api.ts. Always: a path is looked up, never opened, so no request reaches the disk;
// every answer carries the same strict security headers.
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { HttpReply, HttpRequest } from './server.ts';

const MAX_FILES = 1_000;
const MAX_BYTES = 64 << 20;
const DEPTH = 3;

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** On every answer, whatever its status. Inline style is what the page's UI library needs. */
export const SECURITY_HEADERS: { readonly [name: string]: string } = {
  'Content-Security-Policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pankou</title>
<h1>页面尚未构建 · The pages are not built</h1>
<p>引擎在运行，但缺少网页文件。请运行 <code>npm run build:pages</code>，然后刷新本页。</p>
<p>The engine runs, but the files of the page are missing.
Run <code>npm run build:pages</code>, then reload this page.</p>
</html>
`;

interface StaticFile {
  readonly body: Buffer;
  readonly etag: string;
  readonly headers: { readonly [name: string]: string };
}

/** A short answer in plain text. */
export function textReply(
  status: number,
  text: string,
  headers: { readonly [name: string]: string } = {},
): HttpReply {
  return {
    status,
    headers: {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    },
    body: Buffer.from(`${text}\n`, 'utf8'),
  };
}

/** An answer in JSON, never cached. */
export function jsonReply(status: number, value: object): HttpReply {
  return {
    status,
    headers: {
      ...SECURITY_HEADERS,
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
    },
    body: Buffer.from(JSON.stringify(value), 'utf8'),
  };
}

export class StaticFiles {
  readonly #folder: string;
  #files: ReadonlyMap<string, StaticFile>;

  /** Reads the folder. A missing one is no error: a page says what to do. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#files = loadFolder(folder);
  }

  /** Whether there is a page to serve. */
  get built(): boolean {
    return this.#files.has('/index.html');
  }

  /** The answer for a page or asset, or undefined when no file has this name. */
  reply(request: HttpRequest): HttpReply | undefined {
    const isPage = request.path === '/' || request.path === '/index.html';
    if (isPage && !this.built) {
      this.#files = loadFolder(this.#folder); // built meanwhile?
      if (!this.built) return notBuilt();
    }
    const file = this.#files.get(request.path === '/' ? '/index.html' : request.path);
    if (file === undefined) return undefined;
    if (namesEtag(request.ifNoneMatch, file.etag)) {
      return { status: 304, headers: file.headers, body: Buffer.alloc(0) };
    }
    return { status: 200, headers: file.headers, body: file.body };
  }
}

function notBuilt(): HttpReply {
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
  };
  return { status: 503, headers, body: Buffer.from(NOT_BUILT, 'utf8') };
}

function namesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === '') return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

function loadFolder(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  const budget = { bytes: MAX_BYTES };
  loadInto(files, folder, '', DEPTH, budget);
  return files;
}

/** Plain names only: no links, no dot files, nothing that a browser would have to escape. */
function loadInto(
  files: Map<string, StaticFile>,
  folder: string,
  url: string,
  depth: number,
  budget: { bytes: number },
): void {
  for (const entry of entriesOf(folder)) {
    if (!/^[\w-][\w.-]*$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth > 1) loadInto(files, path, `${url}/${entry.name}`, depth - 1, budget);
      continue;
    }
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined || files.size >= MAX_FILES) continue;
    const body = readFileSync(path);
    budget.bytes -= body.length;
    if (budget.bytes < 0) return;
    files.set(`${url}/${entry.name}`, staticFile(body, type, url === '/assets'));
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Files under /assets carry a hash in their name and never change. */
function staticFile(body: Buffer, type: string, hashed: boolean): StaticFile {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return {
    body,
    etag,
    headers: {
      ...SECURITY_HEADERS,
      'Content-Type': type,
      'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: etag,
    },
  };
}
