import type { OperatorPlan } from '../plan/plan.ts';
import type { Why, WhyAsked, WhySelect } from './answer.ts';
import type { TracedRow } from './layout.ts';
import { valueOfMiss } from './misses.ts';
import { furthest } from './nearness.ts';
import type { Start } from './starts.ts';
import { whereText } from './where-text.ts';

/** A start, and rows of the key with each condition of its WHERE. */
export interface Entered {
  readonly start: Start;
  readonly rows: readonly TracedRow[];
}

/** The rows whose time is in the window, and the one of the event that was asked about, which may lie outside of it. */
export interface InWindow extends Entered {
  readonly asked: TracedRow | null;
}

/** `subject`: the id of an event; null: a key was asked about. Of an event's elements the one that got furthest. */
export function inWindow(
  { start, rows }: Entered,
  { from_ms, to_ms }: Why['window'],
  subject: string | null,
): InWindow {
  const named = subject === null ? [] : rows.filter(({ id }) => id === subject || id.startsWith(`${subject}[`));
  return { start, rows: rows.filter(({ at_ms }) => at_ms >= from_ms && at_ms <= to_ms), asked: furthest(named) };
}

type Funnel = Pick<Why, 'funnel' | 'just_missed' | 'asked' | 'selects_of'>;

/**
 * The rows behind each clause. Over a UNION ALL each SELECT has a funnel of its own, and that of the rule begins at what
 * they give.
 */
export function funnelOf(rule: OperatorPlan, all: readonly InWindow[]): Funnel {
  const just_missed = missesOf(all);
  if (all.every(({ start }) => start.select === null)) {
    return { funnel: stepsOf(all[0].start, all[0].rows), just_missed, ...askedOf(all[0]) };
  }
  const own = rule.where.length;
  const selects_of = all.map((one): WhySelect => {
    const { start, rows } = one;
    const clauses = start.rule.where.length - own;
    const funnel = stepsOf(start, rows).slice(0, clauses + 1);
    return { select: start.select ?? rule.input, funnel, ...askedOf(one) };
  });
  const given = all.flatMap(({ start, rows }) => {
    const clauses = start.rule.where.length - own;
    return rows
      .filter(({ conditions }) => conditions.slice(0, clauses).every(isTrue))
      .map((row) => ({ ...row, conditions: row.conditions.slice(clauses) }));
  });
  return { funnel: stepsOf({ rule, text: 'rows of all SELECTs' }, given), just_missed, selects_of };
}

function stepsOf({ rule, text }: Pick<Start, 'rule' | 'text'>, rows: readonly TracedRow[]): Why['funnel'] {
  const passing = (clauses: number): number =>
    rows.filter(({ conditions }) => conditions.slice(0, clauses).every(isTrue)).length;
  const steps = rule.where.map((condition, i) => ({ text: whereText(rule, condition, i), rows: passing(i + 1) }));
  return [{ text, rows: rows.length }, ...steps];
}

function askedOf({ asked }: InWindow): { readonly asked?: WhyAsked } {
  return asked === null ? {} : { asked: { at_ms: asked.at_ms, id: asked.id, conditions: asked.conditions } };
}

/** Rows that fail exactly one condition, the first for each; each event once, and none that counts by another SELECT. */
function missesOf(all: readonly Entered[]): Why['just_missed'] {
  const told = new Set(
    all.flatMap(({ rows }) => rows.filter(({ conditions }) => conditions.every(isTrue)).map(({ id }) => id)),
  );
  const found = new Map<string, Why['just_missed'][number]>();
  for (const { start, rows } of all) {
    for (const { at_ms, id, conditions } of rows) {
      const failed = conditions.filter((one) => !isTrue(one));
      const place = `${start.select} ${failed[0]?.text}`;
      if (failed.length !== 1 || found.has(place) || told.has(id)) continue;
      told.add(id);
      const miss = valueOfMiss(failed[0]);
      found.set(place, { at_ms, id, text: start.select === null ? miss : `${start.select}: ${miss}` });
    }
  }
  return [...found.values()];
}

function isTrue({ truth }: TracedRow['conditions'][number]): boolean {
  return truth === true;
}
