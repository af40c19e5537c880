import type { Value } from '../../engine/index.ts';
import { type Diagnostic, type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { ParamPlan } from '../plan/plan.ts';
import type { ExpressionNode, TuneStatement } from '../syntax/tree.ts';
import type { Checked, CheckedOperator, CheckedTune } from './checked.ts';
import { literal } from './literals.ts';
import { valueFor } from './params.ts';

/** A rule and the views in it that use a parameter, with other values; null is wrong with them. */
export interface Rechecked {
  readonly rule: CheckedOperator | null;
  readonly views: readonly (CheckedOperator | null)[];
}

/** Checks the rule again with other values of its parameters; what is wrong with them goes to `found`. */
export type Recheck = (values: ReadonlyMap<string, Value>, found: Diagnostic[]) => Rechecked;

/**
 * Puts TUNE on the rule that it names: for some tenants the rule has other values of its PARAMs. Such a rule is several
 * operators of one name and one hash, each for its own tenants, and so is a view in it that uses such a PARAM: their rows
 * are one stream.
 */
export function applyTune(
  statement: TuneStatement,
  operators: CheckedOperator[],
  reporter: Reporter,
  recheck: Recheck,
): void {
  const operator = operators.find(({ name }) => name === statement.rule.text);
  if (operator !== undefined) {
    const tunes = reporter.attempt(() => checkTune(statement, operator, recheck)) ?? [];
    for (const tune of tunes) {
      const index = operators.findIndex(({ name }) => name === tune.operator.name);
      // A view that nothing reads was only checked for its errors.
      const tuned = operators[index];
      if (tuned !== undefined) operators[index] = { ...tuned, tunes: [...tuned.tunes, ofPlace(tune, tuned)] };
    }
    return;
  }
  const names = operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name);
  reporter.warn({
    code: 'W0310',
    span: statement.rule.span,
    message: `TUNE names \`${statement.rule.text}\`, and no such rule is loaded`,
    label: didYouMean(statement.rule.text, names),
    hints: [names.length === 0 ? 'no rule is loaded with it' : `rules: ${listOf(names)}`],
  });
}

/** A SELECT of a UNION ALL has the place and the column names that it has there. */
function ofPlace({ operator, ...tune }: CheckedTune, { branch, select }: CheckedOperator): CheckedTune {
  const outputs = operator.select.outputs.map((output, i) => ({ ...output, name: select.outputs[i]?.name as string }));
  return { ...tune, operator: { ...operator, branch, select: { ...operator.select, outputs } } };
}

/** The tune of the rule, and of each view in it that it makes another one. */
function checkTune(statement: TuneStatement, operator: CheckedOperator, recheck: Recheck): CheckedTune[] {
  const { rule, because, owner } = statement;
  const tenants = tenantsOf(statement.where);
  const taken = operator.tunes.flatMap((tune) => tune.tenants).find((tenant) => tenants.includes(tenant));
  if (taken !== undefined) {
    const label = 'one TUNE a tenant: put all its values there';
    refuse({
      code: 'W0225',
      span: statement.where.span,
      message: `${rule.text} is tuned for '${taken}' already`,
      label,
    });
  }
  if (because.value.trim() === '') {
    refuse({ code: 'W0225', span: because.span, message: 'an empty text', label: "say why: BECAUSE 'call centre'" });
  }
  const values = new Map<string, Value>();
  for (const { name, value } of statement.values) {
    const param = operator.params.find((one) => one.name === name.text);
    if (param === undefined) unknownParam(name, operator);
    if (values.has(`${rule.text}.${name.text}`)) {
      refuse({ code: 'W0101', span: name.span, message: `a second value of ${name.text}`, label: 'remove one' });
    }
    values.set(`${rule.text}.${name.text}`, valueFor(param, value));
  }
  const found: Diagnostic[] = [];
  const rechecked = recheck(values, found);
  const tuned = [rechecked.rule, ...rechecked.views].filter((one) => one !== null);
  if (tuned.length <= rechecked.views.length) refuseValues(statement, found);
  return tuned.map((one) => ({ tenants, because: because.value, owner: owner?.value ?? null, operator: one }));
}

/** What is right with the rule's own values can be wrong with others: a pattern that is none, a number too large. */
function refuseValues({ rule, values }: TuneStatement, found: readonly Diagnostic[]): never {
  const [first] = found.filter(({ severity }) => severity === 'error');
  refuse({
    code: 'W0225',
    span: (values[0] as TuneStatement['values'][number]).value.span,
    message: `with ${values.length === 1 ? 'this value' : 'these values'} ${rule.text} is wrong`,
    label: first?.message ?? 'its expressions cannot be computed',
    hints: first === undefined || first.label === '' ? [] : [first.label],
  });
}

function unknownParam(name: TuneStatement['rule'], { params, name: rule }: CheckedOperator): never {
  const names = params.map((param: ParamPlan) => param.name);
  refuse({
    code: 'W0106',
    span: name.span,
    message: `${rule} has no parameter \`${name.text}\``,
    label: didYouMean(name.text, names),
    hints: [names.length === 0 ? 'it has no PARAM' : `parameters: ${names.join(', ')}`],
  });
}

/** `tenant_id = 'shop'` or `tenant_id IN ('shop', 'bank')`: a group has one tenant, so it has one set of values. */
function tenantsOf(where: ExpressionNode): string[] {
  const list =
    where.kind === 'binary' && where.operator === '=' && isTenant(where.left)
      ? [where.right]
      : where.kind === 'in' && !where.negated && isTenant(where.argument)
        ? where.list
        : [];
  const tenants = list.flatMap((item) => (item.kind === 'text' ? [item.value] : []));
  if (tenants.length > 0 && tenants.length === list.length) return [...new Set(tenants)];
  refuse({
    code: 'W0225',
    span: where.span,
    message: 'a rule is tuned for tenants',
    label: "write tenant_id = 'shop', or tenant_id IN ('shop', 'bank')",
    hints: ['other events that need other values: a rule of its own, or CASE in the rule'],
  });
}

function isTenant(node: ExpressionNode): boolean {
  return node.kind === 'name' && node.parts.length === 1 && node.parts[0]?.text === 'tenant_id';
}

/** Whether a row is of one of these tenants; first among the conditions of WHERE. */
export function ofTenants(tenants: readonly string[], span: Checked['span']): Checked {
  const named = { kind: 'column', name: 'tenant_id', path: ['tenant_id'], type: 'string', span } as const;
  return {
    kind: 'in',
    argument: { ...named, conversion: 'declared', written: 'tenant_id' },
    list: tenants.map((tenant) => literal('string', tenant, span)),
    type: 'bool',
    span,
  };
}
