// Loads strategy files for a backtest: what they import is guarded like themselves, built-in
// modules that reach the machine are refused, and the globals that do are those of
// guarded-globals.ts. Called by the strategy loader. A guard against mistakes, not a sandbox.
// Always: the engine's own modules are untouched, since a guarded module is told by the mark in
// its URL.
import { builtinModules, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GUARDED_NAMES } from './guarded-globals.ts';

const MARK = 'pankou-guard';
const ENGINE = new URL('..', import.meta.url).href;
const GLOBALS = new URL('guarded-globals.ts', import.meta.url).href;
/** Built-in modules that only compute. */
const PURE_MODULES = new Set([
  ...['assert', 'assert/strict', 'buffer', 'events', 'path', 'path/posix', 'path/win32'],
  ...['punycode', 'querystring', 'string_decoder', 'url', 'util', 'util/types'],
]);
let isRegistered = false;

/** The URL under which a strategy file is loaded guarded. */
export function guardedUrl(file: string): string {
  register();
  const url = pathToFileURL(file);
  url.searchParams.set(MARK, '1');
  return url.href;
}

/** A stack or message with the plain paths of guarded files: `a.ts:3:4`. */
export function unmarked(text: string): string {
  return text.replaceAll(`?${MARK}=1`, '');
}

function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      const isGuarded = context.parentURL?.includes(MARK) === true;
      if (!isGuarded || specifier === GLOBALS) return next(specifier, context);
      refuseBuiltin(specifier, context.parentURL ?? '');
      const found = next(specifier, context);
      if (!found.url.startsWith('file:') || found.url.startsWith(ENGINE)) return found;
      const url = new URL(found.url);
      url.searchParams.set(MARK, '1');
      return { ...found, url: url.href };
    },
    load(url, context, next) {
      const found = next(url, context);
      const isModule = found.format === 'module' || found.format === 'module-typescript';
      if (!url.includes(MARK) || !isModule) return found;
      const { source } = found;
      if (source === null || source === undefined) return found;
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...found, source: guardedSource(text) };
    },
  });
}

function refuseBuiltin(specifier: string, parentUrl: string): void {
  const name = specifier.replace(/^node:/, '');
  const isBuiltin = specifier.startsWith('node:') || builtinModules.includes(name);
  if (!isBuiltin || PURE_MODULES.has(name)) return;
  const from = fileURLToPath(parentUrl.replace(/\?.*$/, ''));
  const why = 'a strategy reaches no files, network or clock in a backtest';
  throw new Error(`${from} imports '${specifier}': ${why}`);
}

/** Puts the guarded globals in front, in the first line, so that line numbers stay. */
function guardedSource(text: string): string {
  const names = GUARDED_NAMES.filter((name) => {
    const isUsed = new RegExp(`(?<![.\\w$])${name}(?![\\w$])`).test(text);
    // A file that declares the name itself means its own.
    return isUsed && !new RegExp(`\\b(?:const|let|var|function|class)\\s+${name}\\b`).test(text);
  });
  return names.length === 0 ? text : `import { ${names.join(', ')} } from '${GLOBALS}'; ${text}`;
}
