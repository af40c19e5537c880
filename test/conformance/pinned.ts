import { buildProgram, compile } from '../../dsl/index.ts';
import {
  type Detection,
  Engine,
  type LogEntry,
  type Program,
  SortedRun,
  type SourceRecord,
  type Verdict,
} from '../../engine/index.ts';
import { anchorForm } from '../simulation/anchor-form.ts';
import type { ExpectedDetection, SimulationRule } from '../simulation/case.ts';
import { rulesToSql, ruleToSql, streamToSql } from '../simulation/to-sql.ts';
import { type PinnedCase, readPinnedCases } from './pinned-cases.ts';
import { newScore, type Score } from './score.ts';

const utf8 = new TextEncoder();

/**
 * Compiles each rule alone first: what the compiler refuses with "not yet" is inexpressible, anything else a fault. `unsaid` gets
 * the former by what the compiler said.
 */
function expressible(pinned: PinnedCase, score: Score, unsaid: Map<string, string[]>): SimulationRule[] {
  const stream = streamToSql(pinned.input);
  return pinned.input.rules.filter((rule) => {
    const compilation = compile([{ path: rule.name, text: `${stream}\n${ruleToSql(rule)}` }]);
    if (compilation.plan !== null) return true;
    const messages = compilation.diagnostics.map((diagnostic) => diagnostic.message);
    const name = `${pinned.case} ${rule.name}`;
    const why = messages.find((message) => message.startsWith('not yet'));
    if (why === undefined) {
      score.refused++;
      score.notes.push(`${name}: ${messages}`);
      return false;
    }
    score.inexpressible++;
    const names = unsaid.get(why);
    if (names === undefined) unsaid.set(why, [name]);
    else names.push(name);
    return false;
  });
}

function recordsOf(pinned: PinnedCase): SourceRecord[] {
  return pinned.input.records.map(({ partition, position, event }) => ({
    ...{ partition, position, received_at: pinned.input.now },
    bytes: utf8.encode(JSON.stringify(event)),
  }));
}

interface Answer {
  door: Verdict[];
  detections: Detection[];
}

function runArrived(program: Program, records: readonly SourceRecord[]): Answer {
  const engine = new Engine(program, {});
  const door: Verdict[] = [];
  const detections: Detection[] = [];
  const take = () => {
    const output = engine.advance();
    for (const { position, verdict } of output.verdicts) door[position] = verdict;
    detections.push(...output.detections);
  };
  const entries = [...records.map((record): LogEntry => ({ kind: 'record', record })), { kind: 'end' } as const];
  entries.forEach((entry, position) => {
    engine.apply(position, entry);
    take();
  });
  return { door, detections };
}

function runSorted(program: Program, records: readonly SourceRecord[]): Answer {
  const door: Verdict[] = [];
  const on_verdict = (index: number, verdict: Verdict) => {
    door[index] = verdict;
  };
  const run = new SortedRun(program, { on_verdict });
  for (const record of records) run.add(record);
  const detections = [...run.finish()].flat();
  return { door, detections };
}

function comparable(detection: Detection, program: Program, rules: readonly SimulationRule[]): ExpectedDetection {
  const rule = rules.find((candidate) => candidate.name === detection.rule);
  const names = rule?.kind === 'window' ? rule.aggs.map((a) => a.as) : [];
  const outputs = program.operators[detection.operator]?.outputs.map((output) => output.name) ?? [];
  const values = Object.fromEntries(names.map((name) => [name, detection.values[outputs.indexOf(name)]]));
  const { tenant, decided_at, window, anchor } = detection;
  return {
    ...{ rule: detection.rule, tenant, key: [...detection.key] as string[] },
    ...{ anchor: anchorForm(anchor), decided_at },
    window: window === null ? null : [window.start, window.end],
    ...{ values, evidence: [...detection.evidence], total: detection.evidence_total },
    suppressed: detection.suppressed_by !== null,
  };
}

/** semantics.md as cases: the door of all 200, and every detection of the rules that the language can say, in order. */
export function pinned(): Score | null {
  const cases = readPinnedCases();
  if (cases === null) return null;
  const score = newScore('pinned', 'rules and doors');
  const unsaid = new Map<string, string[]>();
  for (const pinnedCase of cases) {
    const rules = expressible(pinnedCase, score, unsaid);
    const text = [streamToSql(pinnedCase.input), ...rulesToSql(rules)].join('\n');
    const { plan } = compile([{ path: `case ${pinnedCase.case}`, text }]);
    if (plan === null) throw new Error(`case ${pinnedCase.case}: its rules compile alone but not together`);
    const program = buildProgram(plan);
    const run = pinnedCase.input.mode === 'sorted' ? runSorted : runArrived;
    const { door, detections } = run(program, recordsOf(pinnedCase));
    const got = detections.map((detection) => comparable(detection, program, rules));
    const names = new Set(rules.map((rule) => rule.name));
    const expected = pinnedCase.detections.filter((d) => names.has(d.rule));
    judge(score, `${pinnedCase.case} door`, door, pinnedCase.door);
    const sameOrder =
      JSON.stringify(got.map((d) => [d.rule, d.anchor])) === JSON.stringify(expected.map((d) => [d.rule, d.anchor]));
    for (const { name } of rules) {
      const of = (all: ExpectedDetection[]) => (sameOrder ? all.filter((d) => d.rule === name) : all);
      judge(score, `${pinnedCase.case} ${name}`, of(got), of(expected));
    }
  }
  for (const [why, names] of unsaid) {
    score.notes.push(`${names.length} rules: inexpressible, ${why} (case and rule: ${names.join(', ')})`);
  }
  return score;
}

function judge(score: Score, name: string, got: unknown, expected: unknown): void {
  if (canonical(got) === canonical(expected)) score.agree++;
  else {
    score.differ++;
    score.notes.push(`${name}: expected ${canonical(expected).slice(0, 400)}; got ${canonical(got).slice(0, 400)}`);
  }
}

/** Key order of the values is the published file's, not a meaning. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
