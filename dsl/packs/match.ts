import type { Value } from '../../engine/index.ts';
import type { ColumnValue, DetectionView } from './detection-view.ts';
import { parseDuration } from './duration.ts';
import type { Expectation, Expected } from './expectation.ts';
import { test_start_ms } from './script.ts';

/** What differs: an expectation and what stood in its place; one of the two may be missing. */
export interface Mismatch {
  readonly expected: Expectation | null;
  readonly got: DetectionView | null;
  /** Both are there and equal, at different places of the two lists; places from 1. */
  readonly order?: { readonly expected: number; readonly got: number };
}

/**
 * Compares the detections with what is expected, in order: every detection that is not suppressed must be expected, and
 * every expectation must be met. A suppressed detection may be expected (`suppressed: true`) and need not be, and so may
 * a further revision (`revision: 2`, `closed: true`).
 * The alignment with the fewest differences is reported (longest common subsequence), so that one missing detection is
 * one difference and not one for each that follows.
 */
export function compareDetections(expected: readonly Expectation[], got: readonly DetectionView[]): Mismatch[] {
  const steps = align(expected, got);
  const paired = new Set(steps.flatMap((step) => (step.expected !== null && step.got !== null ? [step.got] : [])));
  const moved = movedAlone(steps);
  for (const view of moved.values()) paired.add(view);
  const told = got.filter((one) => mustBeExpected(one) || paired.has(one));
  const mismatches: Mismatch[] = [];
  let missing: Expectation[] = [];
  let surplus: DetectionView[] = [];
  const flush = () => {
    for (const one of missing) {
      const at = surplus.findIndex((other) => other.rule === one.rule);
      const instead = at === -1 ? alternative(one, got, paired) : (surplus.splice(at, 1)[0] ?? null);
      mismatches.push({ expected: one, got: instead });
    }
    mismatches.push(...surplus.map((one) => ({ expected: null, got: one })));
    missing = [];
    surplus = [];
  };
  for (const step of steps) {
    if (step.expected !== null && step.got !== null) flush();
    else if (step.expected !== null) {
      const view = moved.get(step.expected);
      if (view === undefined) missing.push(step.expected);
      else {
        const order = { expected: expected.indexOf(step.expected) + 1, got: told.indexOf(view) + 1 };
        mismatches.push({ expected: step.expected, got: view, order });
      }
    } else if (step.got !== null && mustBeExpected(step.got) && !paired.has(step.got)) surplus.push(step.got);
  }
  flush();
  return mismatches;
}

/** Expectations that a detection meets which stands at another place of the list, with that detection. */
function movedAlone(steps: readonly Mismatch[]): Map<Expectation, DetectionView> {
  const alone = new Set(steps.flatMap(({ expected, got }) => (expected === null && got !== null ? [got] : [])));
  const moved = new Map<Expectation, DetectionView>();
  // Without an end to it a test that is wholly off would compare each with each.
  if (alone.size > 1000) return moved;
  for (const { expected, got } of steps) {
    if (expected === null || got !== null) continue;
    const view = [...alone].find((one) => meets(expected, one));
    if (view === undefined) continue;
    alone.delete(view);
    moved.set(expected, view);
  }
  return moved;
}

/** Further revisions, suppressed ones and early ones need not be mentioned. */
function mustBeExpected({ suppressed, timing, follows }: DetectionView): boolean {
  return !suppressed && timing === 'final' && !follows;
}

/** Of the ones that need not be mentioned, the one that is most like what was expected: it stands there instead. */
function alternative(
  expected: Expectation,
  got: readonly DetectionView[],
  paired: ReadonlySet<DetectionView>,
): DetectionView | null {
  const candidates = got.filter((one) => one.rule === expected.rule && !paired.has(one) && !mustBeExpected(one));
  const likeness = (one: DetectionView) =>
    (one.timing === expected.timing ? 0 : 1_000) +
    (one.suppressed === expected.suppressed ? 0 : 100) +
    differences(expected, one).length;
  return candidates.sort((a, b) => likeness(a) - likeness(b))[0] ?? null;
}

/** Pairs that meet, and what stands alone, in order. */
function align(expected: readonly Expectation[], got: readonly DetectionView[]): Mismatch[] {
  // What meets at both ends needs no table: usually that is everything.
  let head = 0;
  while (head < expected.length && head < got.length && meets(expected[head], got[head])) head++;
  const steps: Mismatch[] = [];
  for (let i = 0; i < head; i++) steps.push({ expected: expected[i], got: got[i] });
  const rows = expected.slice(head);
  const columns = got.slice(head);
  if (rows.length * columns.length > 4_000_000) {
    return [...steps, ...rows.map(aloneExpected), ...columns.map(aloneGot)];
  }
  const common = commonLengths(rows, columns);
  let i = 0;
  let j = 0;
  while (i < rows.length && j < columns.length) {
    if (common[i][j] === common[i + 1][j + 1] + 1 && meets(rows[i], columns[j])) {
      steps.push({ expected: rows[i++], got: columns[j++] });
    } else if (common[i + 1][j] >= common[i][j + 1]) steps.push(aloneExpected(rows[i++]));
    else steps.push(aloneGot(columns[j++]));
  }
  return [...steps, ...rows.slice(i).map(aloneExpected), ...columns.slice(j).map(aloneGot)];
}

/** common[i][j]: how many of expected[i..] and got[j..] can meet in order. */
function commonLengths(expected: readonly Expectation[], got: readonly DetectionView[]): Int32Array[] {
  const common = Array.from({ length: expected.length + 1 }, () => new Int32Array(got.length + 1));
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = got.length - 1; j >= 0; j--) {
      common[i][j] = meets(expected[i], got[j])
        ? common[i + 1][j + 1] + 1
        : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

function aloneExpected(expected: Expectation): Mismatch {
  return { expected, got: null };
}

function aloneGot(got: DetectionView): Mismatch {
  return { expected: null, got };
}

/** Whether a detection is what an expectation says, as far as it says something. */
export function meets(expected: Expectation, got: DetectionView): boolean {
  return (
    expected.rule === got.rule &&
    expected.suppressed === got.suppressed &&
    expected.timing === got.timing &&
    isRevision(expected, got) &&
    (!expected.closed || got.status === 'closed') &&
    differences(expected, got).length === 0
  );
}

/** What says nothing of revisions is the detection as it was opened, whatever had left early. */
function isRevision({ revision, closed }: Expectation, got: DetectionView): boolean {
  if (revision !== null) return revision === got.revision;
  return closed || !got.follows;
}

/** Names of what differs: 'at', 'key', 'severity', 'evidence', or a column. */
export function differences(expected: Expectation, got: DetectionView): string[] {
  const different: string[] = [];
  if (expected.at_ms !== null && expected.at_ms !== got.at_ms) different.push('at');
  if (expected.key !== null && !sameList(expected.key, got.key)) different.push('key');
  if (expected.severity !== null && expected.severity !== got.severity) different.push('severity');
  if (expected.withdrawn && !got.withdrawn) different.push('withdrawn');
  if (expected.suppressed_by !== null && !isSuppressedBy(expected.suppressed_by, got)) different.push('suppressed_by');
  if (expected.evidence !== null && expected.evidence !== got.evidence_total) different.push('evidence');
  for (const { column, value } of expected.values) {
    const actual = got.columns.find(({ name }) => name === column);
    if (actual === undefined || !sameColumn(value, actual)) different.push(column);
  }
  return different;
}

/** The name of an exception, or the time of the detection that covers it. */
function isSuppressedBy(expected: string, { suppressed_by }: DetectionView): boolean {
  return suppressed_by === expected || (suppressed_by !== null && suppressed_by === parseDuration(expected));
}

/** A timestamp column may be written as an offset from the start ('9m') or as ISO text. */
function sameColumn(expected: Expected, actual: ColumnValue): boolean {
  if (typeof expected === 'string' && typeof actual.value === 'number') {
    const duration_ms = parseDuration(expected);
    if (actual.type === 'duration') return duration_ms === actual.value;
    if (actual.type === 'timestamp') {
      return actual.value === (duration_ms === null ? Date.parse(expected) : test_start_ms + duration_ms);
    }
  }
  return sameValue(expected, actual.value);
}

export function sameValue(expected: Expected, actual: Value): boolean {
  if (Array.isArray(expected)) return Array.isArray(actual) && sameList(expected, actual);
  if (typeof expected === 'number' && typeof actual === 'number') return sameNumber(expected, actual);
  return expected === actual;
}

/** People write 0.333333333: floats are equal to nine digits, whole numbers exactly. */
function sameNumber(expected: number, actual: number): boolean {
  if (Number.isInteger(expected) && Number.isInteger(actual)) return expected === actual;
  return Math.abs(expected - actual) <= 1e-9 * Math.max(1, Math.abs(actual));
}

function sameList(expected: readonly Expected[], actual: readonly Value[]): boolean {
  return expected.length === actual.length && expected.every((value, i) => sameValue(value, actual[i]));
}
