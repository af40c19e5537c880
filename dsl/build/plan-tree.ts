import type { JoinPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { durationText } from './duration-text.ts';
import { expressionText } from './expression-text.ts';

/** One step of a plan, and what it reads: the way of the rows, seen from its end. */
export interface PlanNode {
  readonly text: string;
  readonly inputs: readonly PlanNode[];
}

/** What the tree is drawn of: all plans of a run. */
export type Plans = Pick<ProgramPlan, 'operators' | 'joins' | 'unions'>;

/**
 * The plan of one operator as a tree, through the views, joins and UNION ALLs below it to the events. `stationsOf`: the steps of an
 * operator after its input, the first one first.
 */
export function planTree(
  plan: OperatorPlan,
  plans: Plans,
  stationsOf: (plan: OperatorPlan) => readonly string[],
): PlanNode {
  const below = (name: string): PlanNode => {
    const join = plans.joins?.find((one) => one.name === name);
    if (join !== undefined) return joinNode(join, below);
    const union = plans.unions?.find((one) => one.name === name);
    if (union !== undefined) return { text: `union all ${name}`, inputs: union.branches.map(below) };
    const view = plans.operators.find((one) => one.kind === 'view' && one.name === name);
    if (view === undefined) return { text: name, inputs: [] };
    // The last station of a view is that it has rows: its name says so.
    return {
      text: `${view.table === true ? 'table' : 'view'} ${name}`,
      inputs: [chain(below(view.input), stationsOf(view).slice(0, -1))],
    };
  };
  return chain(below(plan.input), stationsOf(plan));
}

function chain(input: PlanNode, stations: readonly string[]): PlanNode {
  return stations.reduce((node, text) => ({ text, inputs: [node] }), input);
}

const kinds = { inner: 'join', left: 'left join', semi: 'where exists', anti: 'where not exists' } as const;

function joinNode(join: JoinPlan, below: (name: string) => PlanNode): PlanNode {
  const text = (where: JoinPlan['left_where']) =>
    expressionText({ kind: 'and', arguments: where, type: 'bool' }, nothing);
  const side = (
    name: string,
    alias: string | null,
    where: JoinPlan['left_where'],
    apart: JoinPlan['left_unnests'] = [],
  ): PlanNode => {
    const elements = apart.map(({ array, column }) => `each element of ${expressionText(array, nothing)} as ${column}`);
    const node = below(name);
    const named = chain(alias === null ? node : { ...node, text: `${node.text} as ${alias}` }, elements);
    return where.length === 0 ? named : { text: `where ${text(where)}`, inputs: [named] };
  };
  const keys = join.keys.map(({ name }) => name).join(', ');
  const how = join.as_of
    ? `the last window that ended, at most ${durationText(join.before_ms)} before`
    : withinText(join);
  const asked = join.residual.length === 0 ? '' : `, where ${text(join.residual)}`;
  return {
    text: `${kinds[join.kind]} by ${keys}, ${how}${asked}`,
    inputs: [
      side(join.left, join.left_alias, join.left_where, join.left_unnests),
      side(join.right, join.right_alias, join.right_where, join.right_unnests),
    ],
  };
}

/** A join's conditions are over columns alone. */
const nothing = { key: null, aggregates: [] };

function withinText({ before_ms, after_ms }: JoinPlan): string {
  if (before_ms === after_ms) return `within ${durationText(after_ms)}`;
  const before = before_ms > 0 ? [`${durationText(before_ms)} before`] : [];
  const after = after_ms > 0 ? [`${durationText(after_ms)} after`] : [];
  return [...before, ...after].join(' to ') || 'at the same time';
}

/** The tree with its branches drawn, a line for each step. */
export function treeLines(node: PlanNode, indent = ''): string[] {
  const inputs = node.inputs.flatMap((input, i) => {
    const isLast = i === node.inputs.length - 1;
    const [first = '', ...rest] = treeLines(input, '');
    return [
      `${indent}${isLast ? '└─ ' : '├─ '}${first}`,
      ...rest.map((line) => `${indent}${isLast ? '   ' : '│  '}${line}`),
    ];
  });
  return [`${node.text}`, ...inputs];
}
