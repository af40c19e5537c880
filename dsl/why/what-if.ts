import type { Detection } from '../../engine/index.ts';
import { expressionText } from '../build/index.ts';
import { selectOperators } from '../packs/select-operators.ts';
import { boundsOf } from '../plan/bounds.ts';
import type { Expression, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { type Replay, valueText, type Why, type WhyIf, type WhyQuestion } from './answer.ts';
import { conditionsOf, longestOf } from './probe.ts';

/** Each is one more run over the events. */
const most_runs = 4;

/**
 * Which value in HAVING of a view that the rule reads would have let it fire: of a view whose window failed one comparison
 * with a number, that which the window came to. The engine says whether: it runs the rule over the view as it would be.
 */
export async function withWhatIf(answer: Why, question: WhyQuestion, plan: ProgramPlan, replay: Replay): Promise<Why> {
  const rule = plan.operators.find(({ name }) => name === question.rule);
  if (rule === undefined || rule.kind === 'view' || answer.inputs === undefined) return answer;
  const would_fire_if: WhyIf[] = [];
  for (const input of below(answer.inputs).slice(0, most_runs)) {
    const view = plan.operators.find(({ name }) => name === input.rule);
    const changed = view === undefined ? null : changedView(view, input);
    if (view === undefined || changed === null) continue;
    const { text, value, now } = changed;
    const operators = plan.operators.map((one) => (one === view ? changed.view : one));
    const selected = selectOperators({ ...plan, operators, hash: 'what if' }, [rule.name]);
    const near_ms = Math.max(longestOf(rule.window), longestOf(view.window));
    if (!(await fires(rule, input, question, near_ms, replay(selected)))) continue;
    would_fire_if.push({ view: view.name, text, value, now, param: paramOf(question, rule, changed.view, value, now) });
  }
  return would_fire_if.length === 0 ? answer : { ...answer, would_fire_if };
}

/** The answers about views, those about what they read first. */
function below(inputs: readonly Why[]): readonly Why[] {
  return inputs.flatMap((input) => [...below(input.inputs ?? []), input]);
}

interface ChangedView extends Pick<WhyIf, 'text' | 'value' | 'now'> {
  readonly view: OperatorPlan;
}

function changedView(view: OperatorPlan, { conditions, nearest }: Why): ChangedView | null {
  const own = conditions.length > 0 ? conditions : (nearest?.conditions ?? []);
  const failed = own.flatMap((condition, i) => (condition.truth === true ? [] : [{ condition, i }]));
  if (failed.length !== 1) return null;
  const [{ condition, i }] = failed;
  const all = conditionsOf(view);
  const asked = all[i];
  const { left: value, right: now, operator } = condition;
  // `n > 3` with three in the window: no number that it came to would do.
  if (asked?.kind !== 'call' || typeof value !== 'number' || typeof now !== 'number') return null;
  const [left, right] = asked.arguments;
  if (right?.kind !== 'literal' || (operator !== '>=' && operator !== '<=' && operator !== '=')) return null;
  const next: Expression = { ...asked, arguments: [left, { ...right, value }] };
  const parts = all.map((one) => (one === asked ? next : one));
  const having: Expression = parts.length === 1 ? next : { kind: 'and', arguments: parts, type: 'bool' };
  const { bounds, exact } = boundsOf(having, view.aggregates);
  const changed: OperatorPlan = { ...view, having, bounds, bounds_are_exact: exact };
  return { view: changed, text: expressionText(next, changed), value, now };
}

/** Whether the rule fires for the key of a view's window; where a moment was asked about, not further from it than `near_ms`. */
async function fires(
  { name }: OperatorPlan,
  { key, tenant, window }: Why,
  { moment, span_ms = 0 }: WhyQuestion,
  near_ms: number,
  run: ReturnType<Replay>,
): Promise<boolean> {
  const parts = (key ?? []).map(valueText);
  const at_ms = moment?.([window.to_ms]) ?? null;
  const isIt = (one: Detection): boolean => {
    const own = [...one.key, ...one.values].map(valueText);
    const isThen = at_ms === null || Math.abs(one.decided_at - at_ms) <= span_ms + near_ms;
    const isOwn = one.rule === name && one.tenant === tenant && one.revision === 1;
    return isOwn && isThen && parts.every((part) => own.includes(part));
  };
  let isTrue = false;
  for await (const detections of run) isTrue ||= detections.some(isIt);
  return isTrue;
}

/** The PARAM that the number in the view's HAVING is, of the rule or of the view itself; null: it is written there. */
function paramOf(
  { plan_with }: WhyQuestion,
  rule: OperatorPlan,
  view: OperatorPlan,
  value: number,
  now: number,
): string | null {
  for (const { name, params } of [rule, view]) {
    for (const param of params) {
      if (param.value !== now) continue;
      const changed = plan_with?.(`${name}.${param.name}`, value)?.operators.find((one) => one.name === view.name);
      if (JSON.stringify(changed?.having) === JSON.stringify(view.having)) return param.name;
    }
  }
  return null;
}
