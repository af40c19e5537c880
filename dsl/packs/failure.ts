import type { Detection, Program } from '../../engine/index.ts';
import { type DetectionView, viewDetection } from './detection-view.ts';
import type { DriveResult } from './drive.ts';
import { formatOffset } from './duration.ts';
import type { Expectation, Expected } from './expectation.ts';
import { differences, type Mismatch } from './match.ts';
import { test_start_ms } from './script.ts';
import type { DoorCount, RuleTest } from './test-file.ts';
import type { Variant } from './variants.ts';

/** One thing that a test found wrong, as labelled lines: expected, got, nearest, ... */
export interface TestFailure {
  readonly lines: readonly FailureLine[];
  /** The rule whose detection was expected and is not there; null for everything else. */
  readonly missing: string | null;
}

export interface FailureLine {
  readonly label: 'expected' | 'got' | 'nearest' | 'differs' | 'rejected' | 'door' | 'order' | 'more';
  readonly text: string;
}

/** An expectation that was not met, or a detection that nobody expected. */
export function mismatchFailure({ expected, got, order }: Mismatch, nearest: readonly string[]): TestFailure {
  const only = expected === null || got === null ? null : new Set(differences(expected, got));
  const lines: FailureLine[] = [
    { label: 'expected', text: expected === null ? 'nothing' : expectationText(expected) },
    { label: 'got', text: got === null ? 'nothing' : detectionText(got, expected, only) },
  ];
  if (order !== undefined) {
    const text = `other order: it is detection ${order.got}, expected as number ${order.expected}; they stand in the order in which they are decided`;
    lines.push({ label: 'order', text });
    return { lines, missing: null };
  }
  // Where the detection is there and only a value differs, the two lines above say it all.
  const helps = got === null || only?.has('at') === true;
  if (helps) lines.push(...nearest.map((text): FailureLine => ({ label: 'nearest', text })));
  return { lines, missing: helps ? (expected?.rule ?? null) : null };
}

function expectationText(expected: Expectation): string {
  const at = expected.at_ms === null ? '' : ` at ${formatOffset(expected.at_ms)}`;
  const parts = expected.values.map(({ column, value }) => `${column} ${valueText(value)}`);
  if (expected.key !== null) parts.unshift(`key ${expected.key.map(valueText).join(', ')}`);
  if (expected.severity !== null) parts.push(`severity ${expected.severity}`);
  if (expected.evidence !== null) parts.push(`evidence ${expected.evidence}`);
  if (expected.suppressed) parts.push(suppressedText(expected.suppressed_by));
  if (expected.timing === 'early') parts.push(expected.withdrawn ? 'early, withdrawn' : 'early');
  if (expected.revision !== null && (expected.revision > 1 || expected.timing === 'early'))
    parts.push(`revision ${expected.revision}`);
  if (expected.closed) parts.push('closed');
  return `${expected.rule}${at}${parts.length > 0 ? `   ${parts.join('  ')}` : ''}`;
}

/** A detection with the columns that the expectation mentions (all when there is none); what differs is marked. */
function detectionText(
  view: DetectionView,
  expected: Expectation | null,
  different: ReadonlySet<string> | null,
): string {
  const { rule, at_ms, key, columns, suppressed, suppressed_by, severity, evidence_total, revision, status } = view;
  const mark = (name: string, text: string) => (different?.has(name) === true ? `${text} ←` : text);
  const mentioned = expected === null ? null : new Set(expected.values.map(({ column }) => column));
  const parts = columns
    .filter(({ name }) => mentioned === null || mentioned.has(name))
    .map(({ name, type, value }) => {
      const shown = type === 'timestamp' && typeof value === 'number' ? formatOffset(value - test_start_ms) : value;
      return mark(name, `${name} ${valueText(shown)}`);
    });
  if (expected?.key != null) parts.unshift(mark('key', `key ${key.map(valueText).join(', ')}`));
  if (expected?.severity != null) parts.push(mark('severity', `severity ${severity}`));
  if (expected?.evidence != null) parts.push(mark('evidence', `evidence ${evidence_total}`));
  if (suppressed) {
    const by = typeof suppressed_by === 'number' ? formatOffset(suppressed_by) : suppressed_by;
    parts.push(mark('suppressed_by', suppressedText(by)));
  }
  if (view.timing === 'early') parts.push(mark('withdrawn', view.withdrawn ? 'early, withdrawn' : 'early'));
  if (revision > 1) parts.push(`revision ${revision}`);
  if (status === 'closed') parts.push(status);
  const at = mark('at', `${rule} at ${formatOffset(at_ms)}`);
  return `${at}${parts.length > 0 ? `   ${parts.join('  ')}` : ''}`;
}

function suppressedText(by: string | null): string {
  return by === null ? 'suppressed' : `suppressed by ${by}`;
}

export function valueText(value: Expected): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return String(value);
}

/** Rejected records that the test did not ask for, and door counts that are not what it asked for. */
export function doorFailures(test: RuleTest, { counters, turned_away }: DriveResult): TestFailure[] {
  const failures: TestFailure[] = [];
  if (!test.door.has('rejected')) {
    const rejected = turned_away.filter(({ verdict }) => verdict === 'rejected');
    // Events of one line are rejected for one reason: it is said once.
    for (const { record, detail } of rejected.filter(
      (one, i) => rejected.findIndex((o) => o.detail === one.detail) === i,
    )) {
      const text = `the event of line ${record.line} at ${formatOffset(record.time_ms - test_start_ms)}: ${detail}`;
      failures.push({ lines: [{ label: 'rejected', text }], missing: null });
    }
  }
  for (const [name, count] of test.door) {
    if (counters[name] === count) continue;
    const lines: FailureLine[] = [{ label: 'door', text: `${name} ${count} expected, ${counters[name]} counted` }];
    const others = turned_away.filter(({ verdict }) => verdict === name || name === 'accepted').slice(0, 3);
    for (const { record, verdict, detail } of others)
      lines.push({ label: 'got', text: awayText(record, verdict, detail) });
    failures.push({ lines, missing: null });
  }
  return failures;
}

function awayText(record: { line: number; time_ms: number }, verdict: DoorCount, detail: string): string {
  const bound = /^bound_ms=(\d+)$/.exec(detail);
  const missed = bound === null ? detail : `its bound was ${formatOffset(Number(bound[1]) - test_start_ms)}`;
  const reason = missed === '' ? '' : `: ${missed}`;
  return `${verdict}: the event of line ${record.line} at ${formatOffset(record.time_ms - test_start_ms)}${reason}`;
}

/** What left early and what became of it, as text: other orders of arrival give other early notes, nothing else may. */
function earlyText({ early }: DriveResult, core: (detection: Detection) => string): string {
  return early
    .map(({ kind, revision, superseded_by, detection }) => `${kind} ${revision} ${superseded_by} ${core(detection)}`)
    .join('\n');
}

/** The first detection that differs between the run that is judged and another one; null when all are equal. */
export function variantFailure(
  { name, shuffled }: Pick<Variant, 'name' | 'shuffled'>,
  judged: DriveResult,
  other: DriveResult,
  core: (detection: Detection) => string,
  program: Program,
): TestFailure | null {
  const count = Math.max(judged.detections.length, other.detections.length);
  for (let i = 0; i < count; i++) {
    const first = judged.detections[i];
    const second = other.detections[i];
    if (first !== undefined && second !== undefined && core(first) === core(second)) continue;
    const text = (detection: Detection | undefined) =>
      detection === undefined ? 'nothing' : detectionText(viewDetection(detection, program), null, null);
    return {
      lines: [
        {
          label: 'differs',
          text: `${name}, from detection ${i + 1} on: a fault of Weir, please report it with this test`,
        },
        { label: 'expected', text: `${text(first)} (as listed)` },
        { label: 'got', text: text(second) },
      ],
      missing: null,
    };
  }
  if (shuffled || earlyText(judged, core) === earlyText(other, core)) return null;
  const text = `${name}, in what leaves early (EMIT EARLY): a fault of Weir, please report it with this test`;
  return { lines: [{ label: 'differs', text }], missing: null };
}
