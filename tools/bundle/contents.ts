// What goes into an offline bundle: the engine's folders, and the packages it needs at run time.
// Called by tools/bundle/make-bundle.ts. Always: packages are found through package-lock.json from
// the dependencies of package.json; development packages and those that only build pages and
// kernels stay out, because pages and kernels go in built.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The `pankou` command without the tools of the engine's own developers. */
export const TOOLS = [
  'tools/pankou.mjs',
  'tools/cli.ts',
  'tools/end-with-parent.ts',
  'tools/program.ts',
  'tools/option-values.ts',
  'tools/universe.ts',
  'tools/progress-bar.ts',
  'tools/commands',
  'tools/doctor',
  'tools/init',
  'tools/bundle',
  'tools/day',
  'tools/desk',
  'tools/fees',
  'tools/gateway',
  'tools/risk',
  'tools/rules',
  'tools/indicator',
] as const;

/** Files and folders of the clone, relative to it. */
export const SOURCES = [
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'engine',
  'gateways',
  'clients',
  'wasm/build/kernels.wasm',
  'wasm/build/indicators.wasm',
  'wasm/reference',
  'dashboards/dist',
  'dashboards/report/dist',
  ...TOOLS,
  'examples',
  'docs',
] as const;

/** Without these the bundle would not trade. */
export const REQUIRED = [
  'engine',
  'tools/cli.ts',
  'wasm/build/kernels.wasm',
  'wasm/build/indicators.wasm',
  'dashboards/dist/index.html',
] as const;

/** Dependencies that only build what the bundle carries built. */
export const BUILD_ONLY: readonly string[] = [
  '@vitejs/plugin-vue',
  'assemblyscript',
  'echarts',
  'lightweight-charts',
  'naive-ui',
  'vite',
  'vue',
  'vue-i18n',
];

/** The parts of package-lock.json that are read here. */
export interface Lock {
  readonly packages: {
    readonly [path: string]: {
      readonly dependencies?: { readonly [name: string]: string };
      readonly optionalDependencies?: { readonly [name: string]: string };
      readonly peerDependencies?: { readonly [name: string]: string };
    };
  };
}

/** Folders under node_modules that the engine needs at run time, as in the lock file. */
export function runtimePackages(root: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return closureOf(lock, BUILD_ONLY).filter((path) => existsSync(join(root, path)));
}

/** Everything that the root's dependencies reach, without `leftOut`, sorted. */
export function closureOf(lock: Lock, leftOut: readonly string[]): string[] {
  const found = new Set<string>();
  const open: { from: string; name: string }[] = [];
  const roots = lock.packages['']?.dependencies ?? {};
  for (const name of Object.keys(roots)) {
    if (!leftOut.includes(name)) open.push({ from: '', name });
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const path = resolveName(lock, next.from, next.name);
    if (path === null || found.has(path)) continue;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[path];
    const needs = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const name of Object.keys(needs)) open.push({ from: path, name });
  }
  return [...found].sort();
}

/** As Node looks it up: in the package's own node_modules, then in those of its parents. */
function resolveName(lock: Lock, from: string, name: string): string | null {
  for (
    let base = from;
    ;
    base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))
  ) {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (base === '') return null;
  }
}

/** What a native binary must fit. */
export interface Target {
  readonly platform: string;
  readonly arch: string;
  /** Node's module version: 127 is Node 22. */
  readonly abi: string;
}

/** Whether a file of a package serves the target: native binaries of others are left out. */
export function servesTarget(file: string, target: Target): boolean {
  const native = /[\\/_-](linux|darwin|win32)_(x64|arm64|arm|ia32)_(\d+)\.node$/.exec(file);
  if (native === null) return true;
  return native[1] === target.platform && native[2] === target.arch && native[3] === target.abi;
}
