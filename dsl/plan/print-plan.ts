import { aggregateForm, form, windowForm } from '../check/form.ts';
import type { ExceptionPlan, JoinPlan, LookupPlan, OperatorPlan, ParamPlan, ProgramPlan, UnionPlan } from './plan.ts';

/** A plan as text: one block per operator, a line per part of its meaning; views before what reads them. */
export function printPlan(plan: ProgramPlan): string {
  const { settings, schema, name } = plan.stream;
  const { sharing = [] } = plan.stream;
  const stream = [
    `stream ${name}, schema ${schema.name} (${schema.fields.length} fields)`,
    `  lateness ${settings.lateness_ms} ms, idle ${settings.idle_ms} ms, max ahead ${settings.max_ahead_ms} ms, dedup ${settings.dedup_horizon_ms} ms`,
    ...(sharing.length === 0 ? [] : [`  sharing ${sharing.join(', ')}`]),
  ].join('\n');
  const { lookups = [], joins = [], unions = [], operators } = plan;
  const streams = [...lookups.map(printLookupPlan), ...joins.map(printJoinPlan), ...unions.map(printUnionPlan)];
  return `${[stream, ...streams, ...operators.map(printOperatorPlan)].join('\n\n')}\n`;
}

function printUnionPlan({ name, branches, columns }: UnionPlan): string {
  const typed = columns.map((column) => `${column.name}:${column.type}`).join(', ');
  return [`union ${name}`, `  of          ${branches.join(', ')}`, `  columns     ${typed}`].join('\n');
}

function printJoinPlan(join: JoinPlan): string {
  const lines = [
    ['left', `${join.left}${join.left_alias === null ? '' : ` as ${join.left_alias}`}`],
    ['right', `${join.right} as ${join.right_alias}`],
    ...(join.left_unnests ?? []).map(({ array, column }) => ['left unnest', `${form(array)} as ${column}`]),
    ...(join.right_unnests ?? []).map(({ array, column }) => ['unnest', `${form(array)} as ${column}`]),
    join.as_of
      ? ['as of', `the last window, ended at most ${join.before_ms} ms before`]
      : ['within', `${join.before_ms} ms before, ${join.after_ms} ms after`],
    ...join.keys.map(({ left, right }) => ['on', `${form(left)} = ${form(right)}`]),
    ...join.residual.map((one) => ['and', form(one)]),
    ...join.left_where.map((one) => ['left where', form(one)]),
    ...join.right_where.map((one) => ['right where', form(one)]),
  ];
  const head = `${join.kind === 'inner' ? '' : `${join.kind} `}${join.name}`;
  return [head, ...lines.map(([name, text]) => `  ${name.padEnd(11)} ${text}`)].join('\n');
}

function printLookupPlan({ name, columns, key, valid_from, valid_to, source }: LookupPlan): string {
  const valid =
    valid_from === null && valid_to === null ? [] : [`  valid       [${valid_from ?? ''}, ${valid_to ?? ''})`];
  return [
    `lookup ${name}`,
    `  columns     ${columns.map((column) => `${column.name}:${column.type}`).join(', ')}`,
    `  key         ${key.join(', ')}`,
    ...valid,
    `  source      ${source}`,
  ].join('\n');
}

/** The plan of one rule or view. */
export function printOperatorPlan(plan: OperatorPlan): string {
  const { window, suppress } = plan;
  const lines: [string, string][] = [['from', plan.input]];
  for (const { array, column } of plan.unnests ?? []) lines.push(['unnest', `${form(array)} as ${column}`]);
  for (const conjunct of plan.where) lines.push(['where', form(conjunct)]);
  if (plan.key !== null && plan.key.length === 0) lines.push(['key', '(one group per tenant)']);
  plan.key?.forEach((part, i) => {
    lines.push(['key', `${i} ${part.name} = ${form(part.expression)}`]);
  });
  if (window !== null) lines.push(['window', `${windowForm(window)}, decided: ${window.decided}`]);
  plan.aggregates.forEach((aggregate, i) => {
    lines.push(['aggregate', `${i} ${aggregateForm(aggregate)}:${aggregate.type}`]);
  });
  if (plan.having !== null) lines.push(['having', form(plan.having)]);
  for (const bound of plan.bounds) {
    const { aggregate, least, reached } = bound;
    const enough = reached === undefined ? `>= ${least}` : `with a row where ${form(reached)}`;
    lines.push(['bound', `aggregate ${aggregate} ${enough}${plan.bounds_are_exact ? ' (exact)' : ''}`]);
  }
  for (const output of plan.outputs)
    lines.push(['output', `${output.name}:${output.type} = ${form(output.expression)}`]);
  if (suppress !== null) {
    const reset = suppress.reset ? ', reset' : '';
    lines.push(['suppress', `by (${suppress.by.join(', ')}) for ${suppress.for_ms} ms${reset}`]);
  }
  if (plan.risk !== undefined) {
    const { score, type, entity, half_life_ms } = plan.risk;
    lines.push(['risk', `${form(score)} on ${type} = ${entity.from} ${entity.index}, half life ${half_life_ms} ms`]);
  }
  if (plan.life !== undefined) lines.push(...lifeLines(plan.life));
  if (plan.state_keys !== undefined) lines.push(['state', `at most ${plan.state_keys} keys`]);
  if (plan.kind === 'rule') lines.push(['evidence', String(plan.evidence_limit)]);
  if (plan.emits_early) lines.push(['emit', 'early']);
  for (const one of plan.exceptions ?? []) lines.push(['exception', exceptionForm(one)]);
  if (plan.across === true) lines.push(['across', 'tenants that share']);
  for (const { tenants, because, plan: own } of plan.tunes ?? []) {
    const params = own.params.map(({ name, value }) => `${name} = ${JSON.stringify(value)}`).join(', ');
    lines.push(['tune', `${tenants.join(', ')}: ${params === '' ? '' : `${params}, `}because ${because}`]);
  }
  for (const param of plan.params) lines.push(['param', paramForm(param)]);
  if (plan.kind === 'rule') lines.push(...metadataLines(plan));
  const body = lines.map(([part, text]) => `  ${part.padEnd(12)}${text}`);
  return [`${plan.table === true ? 'table' : plan.kind} ${plan.name}, hash ${plan.hash}`, ...body].join('\n');
}

/** IGNORE stands in `where` as well: here is whose it is, and why. */
function exceptionForm({ name, action, condition, valid_from_ms, valid_to_ms, because, owner }: ExceptionPlan): string {
  const time = (time_ms: number | null) => (time_ms === null ? '' : new Date(time_ms).toISOString());
  const valid =
    valid_from_ms === null && valid_to_ms === null ? '' : `, valid [${time(valid_from_ms)}, ${time(valid_to_ms)})`;
  const answers = owner === null ? '' : `, owner ${owner}`;
  return `${name}: ${action} ${form(condition)}${valid}, because ${because}${answers}`;
}

function lifeLines({ escalations, update_at_end, close_after_ms }: NonNullable<OperatorPlan['life']>) {
  const lines = escalations.map(({ when, severity }): [string, string] => ['escalate', `${form(when)} to ${severity}`]);
  if (update_at_end) lines.push(['update', 'at end']);
  if (close_after_ms !== null) lines.push(['close', `after ${close_after_ms} ms quiet`]);
  return lines;
}

function paramForm({ name, type, value, least, greatest }: ParamPlan): string {
  const range = least === null ? '' : ` in ${least} to ${greatest}`;
  return `${name}:${type} = ${JSON.stringify(value)}${range}`;
}

/** What is shown and does not decide: outside the hash. */
function metadataLines({ metadata, severity: computed }: OperatorPlan): [string, string][] {
  const { severity, confidence, entity, mode, respond } = metadata;
  const shown = computed === undefined ? severity : `${form(computed)}, else ${severity}`;
  const title = metadata.title
    .map((part) => (typeof part === 'string' ? part : `{${part.from} ${part.index}}`))
    .join('');
  const lines: [string, string][] = [
    ['title', title],
    ['severity', confidence === null ? shown : `${shown}, confidence ${confidence}`],
  ];
  if (entity !== null) lines.push(['entity', `${entity.type} = ${entity.id.from} ${entity.id.index}`]);
  if (mode !== undefined) lines.push(['mode', mode]);
  if (respond !== undefined) {
    const { responses, on, while_open } = respond;
    const open = while_open ? ', while open' : '';
    lines.push(['respond', `${responses.join(', ')} on ${on.from} ${on.index}${open}`]);
  }
  for (const part of ['attack', 'tags', 'references'] as const) {
    if (metadata[part].length > 0) lines.push([part, metadata[part].join(', ')]);
  }
  for (const part of ['description', 'runbook'] as const) {
    const text = metadata[part];
    if (text !== null) lines.push([part, text.replaceAll('\n', '\\n')]);
  }
  return lines;
}
