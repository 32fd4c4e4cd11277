// Shows the house rules a small tree of inline texts and answers what they found. Used by the tests
// of this folder only. Always: a head comment is put before a text, so that each test breaks only
// the rule it is about, and line 1 of the test's text is line 1 of the findings.
import { checkTree } from '../../../tools/tidy.ts';
import type { Finding } from '../../../tools/tidy-source.ts';

const HEAD = '// What it is.\n// Who calls it.\n';
const HEAD_LINES = 2;
/** Asked only of a whole repository, or of files that something must import. */
const ELSEWHERE = new Set(['dead-file', 'dependency-reason']);

/** `rule:line` of every finding in one file that holds `text` after a head comment. */
export function rulesIn(path: string, text: string): string[] {
  return findingsIn(path, text).map((finding) => `${finding.rule}:${finding.line}`);
}

/** Findings in one file that holds `text` after a head comment. */
export function findingsIn(path: string, text: string): Finding[] {
  return treeFindings({ [path]: text })
    .filter((finding) => !ELSEWHERE.has(finding.rule))
    .map((finding) => ({ ...finding, line: Math.max(1, finding.line - HEAD_LINES) }));
}

/** Findings of several files; code files get a head comment. */
export function treeFindings(files: Readonly<Record<string, string>>): Finding[] {
  const texts = Object.entries(files).map(([path, text]) => {
    return { path, text: path.endsWith('.ts') ? HEAD + text : text };
  });
  return checkTree(texts);
}

/** `file rule` of every finding of several files, without those named in `except`. */
export function treeRules(
  files: Readonly<Record<string, string>>,
  except: readonly string[] = ['dead-file'],
): string[] {
  return treeFindings(files)
    .filter((finding) => !except.includes(finding.rule))
    .map((finding) => `${finding.file} ${finding.rule}`);
}
