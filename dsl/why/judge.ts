import type { OperatorPlan } from '../plan/plan.ts';
import type { NoAnswer, Why, WhyFiring, WhyQuestion, WhyWindow } from './answer.ts';
import { atEvent } from './at-event.ts';
import { besideAt } from './beside.ts';
import { funnelOf, inWindow } from './funnel.ts';
import type { TracedRow } from './layout.ts';
import { closest, furthest } from './nearness.ts';
import { paramChanges } from './params.ts';
import { longestOf } from './probe.ts';
import { silenceOf } from './silence.ts';
import type { Subject } from './subject.ts';
import type { Fired, Traces } from './trace.ts';

/** The answer for a rule over single events: which clause of WHERE the event did not pass. */
export function judgeEvent(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: Subject,
  { entered, firings, revisions, row_leaves, beside }: Traces,
  moment_ms: number | null,
): Why | NoAnswer {
  const rows = entered.flatMap((one) => one.rows);
  // Rows of UNNEST have the place of the element behind the id of their event.
  const named = rows.filter(({ id }) => id === question.subject || id.startsWith(`${question.subject}[`));
  const candidates = named.length > 0 ? named : rows.filter(({ id }) => subject.ids.has(id));
  const own = firings.filter(({ row_ids }) => candidates.some(({ id }) => row_ids.includes(id)));
  const span_ms = spanOf(question, subject);
  const then = firedThen(own, moment_ms, span_ms);
  const ids = new Set(own.map(({ id }) => id));
  const later = revisions.filter(({ id }) => ids.has(id));
  const revision = then === null && subject.event_ms === null ? firedThen(later, moment_ms, span_ms) : null;
  const about = then ?? own.find(({ id }) => id === revision?.id) ?? null;
  const wanted_ms = about?.at_ms ?? moment_ms ?? own.at(-1)?.at_ms ?? null;
  const near = wanted_ms === null ? null : closest(candidates, wanted_ms);
  // Of several rows of one moment the one that fired, else that got furthest.
  const row = furthest(
    near === null
      ? candidates
      : candidates.filter(({ at_ms, id }) => at_ms === near.at_ms && (about?.row_ids.includes(id) ?? true)),
  );
  if (row === null) return { error: `no event of ${question.subject}`, keys: [] };
  const firing = own.find(({ at_ms, row_ids }) => at_ms === row.at_ms && row_ids.includes(row.id)) ?? null;
  const best = furthest(candidates);
  return {
    ...atEvent(rule, subject.tenant, row.at_ms),
    conditions: row.conditions,
    ...(beside.length === 0 ? {} : { beside: besideAt(beside, row.leaves) }),
    outcome: outcomeOf(rule, row, firing),
    ...{ firing: firingOf(firing), resets: false },
    ...(revision === null ? {} : { revision }),
    nearest: best === null ? null : { at_ms: best.at_ms, conditions: best.conditions },
    would_fire_with: isTrue(row)
      ? []
      : paramChanges(rule, 'where', row.conditions, row_leaves, row.leaves, question.with_param),
  };
}

/** The answer for a rule with GROUP BY: what the window at the moment held against HAVING. */
export function judgeWindow(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: Subject,
  traces: Traces,
  moment_ms: number | null,
): Why {
  const { states, entered, firings, revisions } = traces;
  const span_ms = spanOf(question, subject);
  const revision = firedThen(firings, moment_ms, span_ms) === null ? firedThen(revisions, moment_ms, span_ms) : null;
  const then = firedThen(firings, moment_ms ?? firings.at(-1)?.at_ms ?? null, span_ms);
  const best = furthest(states);
  const at_ms = then?.at_ms ?? revision?.at_ms ?? moment_ms ?? best?.at_ms ?? subject.times.at(-1) ?? 0;
  const kind = rule.window?.kind ?? 'sliding';
  const size_ms = longestOf(rule.window);
  const around = states.filter((one) => windowOf(one, kind).from_ms <= at_ms && windowOf(one, kind).to_ms >= at_ms);
  const near =
    kind === 'sliding'
      ? (states.findLast((one) => one.at_ms <= at_ms && one.at_ms >= at_ms - size_ms) ?? null)
      : kind === 'hopping'
        ? hopMeant(around, then !== null)
        : (around.at(-1) ?? null);
  const around_ms = near === null ? windowAround(rule, at_ms, size_ms) : windowOf(near, kind);
  const named = subject.event_ms === null ? null : question.subject;
  const own = then ?? firedIn(around_ms, near, firings);
  // What fired is shown as it was then: a window that has an end goes on, and RESET empties it.
  const state = own?.state ?? near;
  const window = state === null ? around_ms : windowOf(state, kind);
  const shown = { ...window, to_ms: Math.min(window.to_ms, own?.at_ms ?? window.to_ms) };
  const funnel = funnelOf(
    rule,
    entered.map((one) => inWindow(one, shown, named)),
  );
  const after = entered
    .flatMap((one) => one.rows)
    .filter((row) => row.at_ms > shown.to_ms && row.at_ms <= window.to_ms && isTrue(row)).length;
  const before = firings.findLast((one) => one.at_ms <= window.to_ms) ?? null;
  const silence = silenceOf(rule);
  const revised = revision === null ? null : (firings.find(({ id }) => id === revision.id) ?? null);
  return {
    ...{ rule: rule.name, kind: rule.kind, plan_hash: rule.hash, tenant: subject.tenant, key: subject.key, window },
    ...funnel,
    conditions: state?.conditions ?? [],
    outcome: outcomeOf(rule, state, own),
    firing: firingOf(own ?? revised ?? (state !== null && isTrue(state) ? before : null)),
    ...(revision === null || own?.at_ms === revision.at_ms ? {} : { revision }),
    nearest: best === null ? null : { at_ms: best.at_ms, conditions: best.conditions },
    would_fire_with:
      state === null || isTrue(state)
        ? []
        : paramChanges(rule, 'having', state.conditions, traces.state_leaves, state.leaves, question.with_param),
    just_missed: state !== null && isTrue(state) ? [] : funnel.just_missed,
    resets: rule.suppress?.reset === true,
    ...(silence === null ? {} : { silence }),
    ...(after === 0 ? {} : { rows_after: after }),
  };
}

/** What fired last in a window's time; of HOPPING what fired then may be another window's. */
function firedIn(
  { kind, from_ms, to_ms }: WhyWindow,
  state: TracedRow | null,
  firings: readonly Fired[],
): Fired | null {
  const since_ms = kind === 'sliding' ? to_ms : from_ms;
  const inside = firings.filter(({ at_ms }) => at_ms >= since_ms && at_ms <= to_ms);
  if (kind !== 'hopping' || state === null) return inside.at(-1) ?? null;
  if (!isTrue(state)) return null;
  return inside.findLast((one) => one.state?.leaves[0] === state.leaves[0]) ?? inside.at(-1) ?? null;
}

/** Of the windows of a HOPPING rule that hold a moment: the first of the run that fired then, else the one that came furthest. */
function hopMeant(around: readonly TracedRow[], hasFired: boolean): TracedRow | null {
  return (hasFired ? around.find(isTrue) : undefined) ?? furthest(around);
}

/** What was decided at the moment, the last of it; what was suppressed only where nothing else was. */
function firedThen<One extends { readonly at_ms: number; readonly suppressed_by?: string | null }>(
  all: readonly One[],
  moment_ms: number | null,
  span_ms: number,
): One | null {
  if (moment_ms === null) return null;
  const then = all.filter(({ at_ms }) => at_ms <= moment_ms && at_ms >= moment_ms - span_ms);
  return then.findLast(({ suppressed_by = null }) => suppressed_by === null) ?? then.at(-1) ?? null;
}

function firingOf(fired: Fired | null): WhyFiring | null {
  if (fired === null) return null;
  const { row_ids: _, state: _state, ...firing } = fired;
  return firing;
}

/** An event that is named has one time. */
function spanOf({ span_ms = 0 }: WhyQuestion, { event_ms }: Subject): number {
  return event_ms === null ? span_ms : 0;
}

/** Where no row of a window is known: the one that the moment is in, or as far back from it as the window is long. */
function windowAround({ window }: OperatorPlan, at_ms: number, size_ms: number): WhyWindow {
  const isAligned = window?.kind === 'tumbling' && window.zone === undefined;
  if (!isAligned) return { kind: 'sliding', from_ms: at_ms - size_ms, to_ms: at_ms };
  const offset_ms = window.offset_ms ?? 0;
  const from_ms = Math.floor((at_ms - offset_ms) / size_ms) * size_ms + offset_ms;
  return { kind: 'tumbling', from_ms, to_ms: from_ms + size_ms - 1 };
}

export function windowOf({ leaves: [start, end] }: TracedRow, kind: WhyWindow['kind']): WhyWindow {
  return { kind, from_ms: Number(start), to_ms: Number(end) - (kind === 'sliding' ? 0 : 1) };
}

function outcomeOf({ kind }: OperatorPlan, state: TracedRow | null, firing: WhyFiring | null): Why['outcome'] {
  if (state === null) return 'no_rows';
  if (firing !== null) return firing.suppressed_by === null ? 'fired' : 'suppressed';
  if (!isTrue(state)) return 'not_true';
  return kind === 'view' ? 'gave_row' : 'true_before';
}

function isTrue({ conditions }: TracedRow): boolean {
  return conditions.every(({ truth }) => truth === true);
}
