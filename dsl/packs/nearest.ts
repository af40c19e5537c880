import type { Value } from '../../engine/index.ts';
import { buildProgram, expressionText } from '../build/index.ts';
import type { Expression, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { comparisonOf, conditionsOf, groupProbes, leavesOf, longestOf, nameOf, rowProbe } from '../why/probe.ts';
import { type DriveResult, drive } from './drive.ts';
import { formatOffset } from './duration.ts';
import type { Expectation } from './expectation.ts';
import { valueText } from './failure.ts';
import { joinInputText, viewsOfJoin } from './join-input.ts';
import { sameValue } from './match.ts';
import { type ScriptItem, test_start_ms } from './script.ts';
import { selectOperators } from './select-operators.ts';

/**
 * Why an expected detection is not there, as sentences; an honest answer comes from the engine, so the rule is taken
 * apart and its parts are run over the same events: the group without HAVING (how far did it get), and WHERE one
 * condition less at a time (which events just missed it).
 */
export function explainNearest(plan: ProgramPlan, expected: Expectation, items: readonly ScriptItem[]): string[] {
  const rule = plan.operators.find(({ kind, name }) => kind === 'rule' && name === expected.rule);
  if (rule === undefined) return [];
  const lab = new Laboratory(plan, items);
  if (rule.key === null) return lab.passing(rule);
  const states = lab.states(rule);
  if (states.length === 0) return lab.passing(rule);
  const wanted = wantedKey(rule, expected);
  const own = states.filter(({ key }) =>
    key.every((value, i) => wanted[i] === undefined || sameValue(wanted[i], value)),
  );
  if (own.length === 0) {
    const keys = [...new Set(states.map(({ key }) => key.map(valueText).join(', ')))];
    return [`no event of this key; keys seen: ${keys.slice(0, 5).join(' | ')}${keys.length > 5 ? ' | …' : ''}`];
  }
  const state = closest(own, expected.at_ms);
  const line = `at ${formatOffset(state.at_ms)}: ${stateText(state)}`;
  if (state.conditions.every(({ truth }) => truth === true)) {
    return [line, whyNotThere(rule)];
  }
  return [line, ...lab.misses(rule, state, expected.at_ms)];
}

/** HAVING is true, and there is no such detection. */
function whyNotThere({ window }: OperatorPlan): string {
  switch (window?.kind) {
    case 'tumbling':
    case 'session':
      return 'HAVING is true there: that window has its own detection';
    case 'hopping':
      return 'HAVING is true there: of windows in a row in which it is, the first has the detection';
    default:
      return 'a rule fires where HAVING becomes true, and it was true at an event of the key before';
  }
}

/** A group at one event (or at a window's end), with HAVING taken apart. */
interface State {
  readonly at_ms: number;
  readonly key: readonly Value[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly truth: Value;
  readonly text: string;
  /** `left operator right`, where the condition is a comparison. */
  readonly comparison: {
    readonly name: string;
    readonly left: Value;
    readonly operator: string;
    readonly right: Value;
  } | null;
}

function stateText({ conditions }: State): string {
  const open = conditions.filter(({ truth }) => truth !== true);
  const shown = open.length > 0 ? open : conditions;
  return shown.map(conditionText).join(', ');
}

function conditionText({ truth, text, comparison }: Condition): string {
  if (comparison === null) return `${text} is ${valueText(truth)}`;
  const { name, left, operator, right } = comparison;
  if (truth === true) return `${name} is ${valueText(left)}`;
  const atLeast = operator === '>=' && typeof left === 'number' && typeof right === 'number';
  return atLeast ? `${name} ${left} of ${right}` : `${name} is ${valueText(left)}, not ${operator} ${valueText(right)}`;
}

/** The state at the expected time, else the last one before, else the first after; without a time the one that got furthest. */
function closest(states: readonly State[], at_ms: number | null): State {
  const reached = ({ conditions }: State) => conditions.filter(({ truth }) => truth === true).length;
  const height = ({ conditions }: State) =>
    conditions.reduce((sum, { comparison }) => sum + (typeof comparison?.left === 'number' ? comparison.left : 0), 0);
  if (at_ms === null) {
    return states.reduce((best, state) =>
      reached(state) > reached(best) || (reached(state) === reached(best) && height(state) > height(best))
        ? state
        : best,
    );
  }
  return states.findLast((state) => state.at_ms <= at_ms) ?? states[0];
}

/** Parts of the key that the expectation fixes: by `key`, or by a column that is a part of the key. */
export function wantedKey(rule: OperatorPlan, expected: Expectation): readonly (Value | undefined)[] {
  return (rule.key ?? []).map((_, i) => {
    if (expected.key !== null) return expected.key[i];
    const output = rule.outputs.find(({ expression }) => expression.kind === 'key' && expression.index === i);
    return expected.values.find(({ column }) => column === output?.name)?.value;
  });
}

class Laboratory {
  readonly #plan: ProgramPlan;
  readonly #items: readonly ScriptItem[];

  constructor(plan: ProgramPlan, items: readonly ScriptItem[]) {
    this.#plan = plan;
    this.#items = items;
  }

  /** The groups of a rule at each event (a window that has one: at its end), without its HAVING. */
  states(rule: OperatorPlan): State[] {
    const conditions = conditionsOf(rule);
    const outputs: Expression[] = [];
    const column = (expression: Expression) => outputs.push(expression) - 1;
    const key = (rule.key ?? []).map((part, index) => column({ kind: 'key', index, type: part.type }));
    const parts = conditions.map((condition) => {
      const sides = comparisonOf(condition);
      const places = sides === null ? null : { left: column(sides.left), right: column(sides.right) };
      return { condition, sides, places, truth: column(condition) };
    });
    return this.#run(rule, groupProbes(rule, outputs)).detections.map(({ decided_at, values }) => ({
      at_ms: decided_at - test_start_ms,
      key: key.map((index) => values[index]),
      conditions: parts.map(({ condition, sides, places, truth }) => ({
        truth: values[truth],
        text: expressionText(condition, rule),
        comparison:
          sides === null || places === null
            ? null
            : {
                name: nameOf(sides.left, rule),
                left: values[places.left],
                operator: sides.operator,
                right: values[places.right],
              },
      })),
    }));
  }

  /** How many events pass each condition of WHERE, one after the other; of the view that is read when none arrives. */
  passing(rule: OperatorPlan): string[] {
    const filters = rule.where.map((_, i) => rowProbe(rule, `probe:where ${i}`, rule.where.slice(0, i + 1)));
    const all = rowProbe(rule, 'probe:all', []);
    const { detections } = this.#run(rule, [all, ...filters]);
    const count = (name: string) => detections.filter((detection) => detection.rule === name).length;
    const total = count('probe:all');
    const joins = this.#plan.joins ?? [];
    const join = joins.find(({ name }) => name === rule.input);
    if (total === 0) {
      const union = this.#plan.unions?.find(({ name }) => name === rule.input);
      const names = union?.branches ?? (join === undefined ? [rule.input] : viewsOfJoin(join, joins));
      const views = this.#plan.operators.filter(({ name }) => names.includes(name));
      // Either side of a join may have had rows.
      const silent = join === undefined ? views : views.filter((view) => this.#rowsOf(view) === 0);
      const below = silent.flatMap((view) => [`no row of ${view.name}:`, ...this.passing(view)]);
      if (join !== undefined) return [`no row of ${joinInputText(join, joins)}`, ...below];
      return views.length === 0 ? ['no event was accepted'] : below;
    }
    const input = join === undefined ? rule.input : joinInputText(join, joins);
    const what = rule.input === this.#plan.stream.name ? 'event' : `row of ${input}`;
    const counted = `${total} ${total === 1 ? what : what.replace(/^\w+/, '$&s')}`;
    const steps = rule.where.map(
      (condition, i) => `${count(`probe:where ${i}`)} with ${expressionText(condition, rule)}`,
    );
    return [[counted, ...steps].join(', ')];
  }

  /** How many rows a view gave. */
  #rowsOf(view: OperatorPlan): number {
    const reader = { ...rowProbe(view, 'probe:view', []), input: view.name };
    const { unnests: _, ...probe } = reader;
    return this.#run(probe, [probe]).detections.length;
  }

  /** The first event of the key in the window that fails exactly one condition of WHERE, for each condition. */
  misses(rule: OperatorPlan, state: State, expected_at_ms: number | null): string[] {
    const size_ms = longestOf(rule.window);
    const from_ms = (expected_at_ms ?? state.at_ms) - size_ms;
    // The event that is missing may be the one that should have decided: it stands after the last state.
    const to_ms = expected_at_ms ?? state.at_ms + size_ms;
    const passed = new Set(this.#idsOf(rule, rule.where).keys());
    return rule.where.flatMap((condition, i) => {
      const others = rule.where.filter((_, j) => j !== i);
      const columns = leavesOf([condition]);
      const missed = [...this.#idsOf(rule, others, columns)].find(
        ([id, { at_ms, key }]) =>
          !passed.has(id) &&
          at_ms >= from_ms &&
          at_ms <= to_ms &&
          key.every((v, k) => sameValue(v as never, state.key[k])),
      );
      if (missed === undefined) return [];
      const [, { at_ms, values }] = missed;
      const has = columns.map((column, k) => `${expressionText(column, rule)} = ${valueText(values[k])}`);
      return [`the event at ${formatOffset(at_ms)} has ${has.join(', ')}: not ${expressionText(condition, rule)}`];
    });
  }

  /** Events that pass these conditions, by id, with their key and the values of some columns. */
  #idsOf(rule: OperatorPlan, where: readonly Expression[], columns: readonly Expression[] = []) {
    const key = rule.key ?? [];
    const outputs = [...key.map(({ expression }) => expression), ...columns];
    const { detections } = this.#run(rule, [rowProbe(rule, 'probe:passing', where, outputs)]);
    return new Map(
      detections.map(({ anchor, decided_at, values }) => [
        'id' in anchor ? anchor.id : '',
        { at_ms: decided_at - test_start_ms, key: values.slice(0, key.length), values: values.slice(key.length) },
      ]),
    );
  }

  /** Runs operators in place of a rule, over the same events. */
  #run(rule: OperatorPlan, operators: readonly OperatorPlan[]): DriveResult {
    const { operators: kept } = selectOperators(this.#plan, [rule.input]);
    // Parts of a rule are not what its TUNEs and MUTEs are about.
    const parts = operators.map(({ tunes: _tunes, exceptions: _exceptions, ...part }) => part);
    const plan: ProgramPlan = { ...this.#plan, operators: [...kept, ...parts], hash: 'laboratory' };
    return drive(buildProgram(plan), {
      name: '',
      items: this.#items,
      batch_rows: 256,
      restart_every: 0,
      shuffled: false,
    });
  }
}
