import type { Diagnostic, TestFileResult, TestResult } from '../../dsl/index.ts';
import { countTests } from './test-report.ts';

/** The JUnit XML that CI servers read: a suite per file, a case per test. */
export function junitReport(
  results: readonly TestFileResult[],
  render: (problems: readonly Diagnostic[]) => string,
): string {
  const { passed, failed } = countTests(results);
  const suites = results.map((result) => suite(result, render));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="weir test" tests="${passed + failed}" failures="${failed}">`,
    ...suites,
    '</testsuites>\n',
  ].join('\n');
}

function suite(result: TestFileResult, render: (problems: readonly Diagnostic[]) => string): string {
  const { passed, failed } = countTests([result]);
  const cases = result.tests.map((test) => testCase(test, render));
  if (result.problems.length > 0) {
    const text = render(result.problems);
    cases.push(failedCase('the file can be read', result.path, 1, 'tests that cannot be read', text));
  }
  const name = junitAttribute(result.path);
  return `  <testsuite name="${name}" tests="${passed + failed}" failures="${failed}">\n${cases.join('\n')}\n  </testsuite>`;
}

function testCase(test: TestResult, render: (problems: readonly Diagnostic[]) => string): string {
  const { name, path, line, passed, failures, problems } = test;
  if (passed) return `    ${opening(name, path, line)}/>`;
  const texts = failures.map((failure) => failure.lines.map(({ label, text }) => `${label}  ${text}`).join('\n'));
  if (problems.length > 0) texts.push(render(problems));
  const first =
    failures[0]?.lines.map(({ label, text }) => `${label} ${text}`).join('; ') ?? problems[0]?.message ?? '';
  return failedCase(name, path, line, first, texts.join('\n\n'));
}

function failedCase(name: string, path: string, line: number, message: string, text: string): string {
  const failure = `<failure message="${junitAttribute(message)}">${content(text)}</failure>`;
  return `    ${opening(name, path, line)}>${failure}</testcase>`;
}

function opening(name: string, path: string, line: number): string {
  return `<testcase name="${junitAttribute(name)}" classname="${junitAttribute(path)}" file="${junitAttribute(path)}" line="${line}"`;
}

/** Characters that XML 1.0 cannot hold are replaced: one control character in a name would spoil the whole report. */
function content(text: string): string {
  const allowed = text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text as the value of an attribute. */
export function junitAttribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
