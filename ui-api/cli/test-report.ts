import {
  type DiagnosticJson,
  diagnosticsToJson,
  type LoadedRules,
  type ProgramPlan,
  type TestFileResult,
  type TestResult,
} from '../../dsl/index.ts';
import type { Output } from './output.ts';
import { printable, textWidth } from './table.ts';
import { quoted } from './typed-here.ts';
import { formatDuration, plural } from './units.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** What cannot be read of a file counts as one failed test, however much is wrong with it: `weir test` says so. */
export function countTests(results: readonly TestFileResult[]): TestCounts {
  const tests = results.flatMap((result) => result.tests);
  const passed = tests.filter((test) => test.passed).length;
  const unreadable = results.filter(({ problems }) => problems.length > 0).length;
  return { passed, failed: tests.length - passed + unreadable };
}

/** A failed test as ux.md shows it: name and place, then labelled lines. */
export function failureText(test: TestResult, output: Output, weir: string): string {
  const { paint } = output;
  const place = `${test.path.slice(test.path.lastIndexOf('/') + 1)}:${test.line}`;
  const name = printable(test.name);
  const room = Math.max(2, Math.min(output.width, 100) - 2 - textWidth(name) - place.length);
  const lines = [`${paint.red('✗')} ${paint.bold(name)}${' '.repeat(room)}${paint.dim(place)}`];
  test.failures.forEach((failure, i) => {
    if (i > 0) lines.push('');
    for (const { label, text } of failure.lines) {
      lines.push(`  ${paint.dim(label.padEnd(8))}  ${printable(text)}`);
    }
  });
  const missing = test.failures.find((failure) => failure.missing !== null)?.missing ?? null;
  if (missing !== null) {
    const folder = test.path.slice(0, test.path.lastIndexOf('/') + 1);
    const asked = `${weir} why ${missing} ${folder || '.'} --test ${quoted(test.name)}`;
    lines.push(`  ${paint.dim('next    ')}  ${printable(asked)}`);
  }
  return lines.join('\n');
}

/** What stands before the closing line: how much ran, and rules that no test looks at. */
export function summaryLines(
  results: readonly TestFileResult[],
  loaded: LoadedRules,
  plan: ProgramPlan,
  took_ms: number,
): string[] {
  const events = results.flatMap(({ tests }) => tests).reduce((sum, test) => sum + test.events, 0);
  const lines = [`${plural(results.length, 'file')}, ${plural(events, 'event')}, ${formatDuration(took_ms)}`];
  const asked = new Set(loaded.rules.filter(({ role }) => role === 'asked').map(({ path }) => path));
  const tested = new Set(loaded.tests.map(({ path }) => path.replace(/\.test\.ya?ml$/, '.rule.sql')));
  const untested = plan.operators.filter(
    ({ kind, source }) => kind === 'rule' && asked.has(source.path) && !tested.has(source.path),
  );
  if (untested.length > 0) lines.push(`without a test: ${untested.map(({ name }) => name).join(', ')}`);
  return lines;
}

export interface TestFileJson {
  readonly path: string;
  readonly problems: readonly DiagnosticJson[];
  readonly tests: readonly object[];
}

export function jsonOfFile({ path, tests, problems }: TestFileResult, loaded: LoadedRules): TestFileJson {
  const sources = [...loaded.rules, ...loaded.tests];
  return {
    path,
    problems: diagnosticsToJson(problems, sources),
    tests: tests.map((test) => ({ ...test, problems: diagnosticsToJson(test.problems, sources) })),
  };
}
