// What a strategy file may import by name wherever it lies: `pankou` and `pankou/ptrade` are this
// engine's, with no package installed beside the file. Called by the strategy loader in every
// thread that loads strategies. Always: the engine's own files and no second copy of them, so what
// a strategy declares is what the host looks at.
import { registerHooks } from 'node:module';

const OWN: Readonly<Record<string, string>> = {
  pankou: new URL('../core/strategy.ts', import.meta.url).href,
  'pankou/ptrade': new URL('../strategy/ptrade/ptrade.ts', import.meta.url).href,
};
let isRegistered = false;

export function offerPankou(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      const url = OWN[specifier];
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}

/**
 * A strategy's stack as its author wants it: his own frames with plain paths, not the engine's. A
 * text without any frame of his stays as it is.
 */
export function ownFrames(text: string): string {
  const lines = text.replaceAll('file://', '').split('\n');
  const isFrame = (line: string): boolean => /^\s+at /.test(line);
  const isOwn = (line: string): boolean => !/node:internal|[\\/]engine[\\/]\w+[\\/]/.test(line);
  if (!lines.some((line) => isFrame(line) && isOwn(line))) return text;
  return lines.filter((line) => !isFrame(line) || isOwn(line)).join('\n');
}

/** What is wrong with a file that cannot be loaded: without the frames of Node's own loader. */
export function loadFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split('\n');
  const own = lines.filter((line) => !/^\s+at .*(node:internal|\/engine\/host\/)/.test(line));
  const { code } = error as { code?: string };
  if (code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return own.join('\n');
  const how = 'types are stripped, not compiled: no enum, namespace or parameter property';
  return `${own.join('\n')}\n(${how}; a const object or plain fields do the same)`;
}
