import type {
  AggregateRule,
  CaseExists,
  CaseTune,
  Condition,
  JoinOfPairs,
  JoinRule,
  SimulationInput,
  SimulationRule,
  SingleRule,
  unionColumns,
  WindowRule,
} from './case.ts';
import { condition, inline, onSide } from './condition-sql.ts';
import { columnOfSide } from './oracle-joins.ts';
import { aboutLines, headText, policyLines, suppressText } from './policy-sql.ts';
import { unionToSql } from './union-sql.ts';

/** How a rule writes the conditions and fields of its rows: beside a table each has a side. */
interface Sides {
  condition(c: Condition): string;
  field(name: string): string;
}

function sidesOf(rule: SingleRule | WindowRule): Sides {
  const { computed } = rule;
  const written = (c: Condition) => {
    const whole = inline(c, computed);
    return condition(isBeside(rule) ? onSide(whole, 'e') : whole);
  };
  return { condition: written, field: (name) => written(['f', name]) };
}

function aggregate(a: AggregateRule, sides: Sides): string {
  return `${callOf(a, sides)} AS "${a.as}"`;
}

function callOf(a: AggregateRule, { field, condition }: Sides): string {
  const [, name, distinct = ''] = /^(\w+?)(_distinct)?$/.exec(a.fn === 'approx_count_distinct' ? '' : a.fn) ?? [];
  const call =
    distinct !== ''
      ? `${name}(DISTINCT ${field(a.field as string)}${a.second === undefined ? '' : `, ${a.second}`})`
      : `${a.fn}(${a.field === undefined ? '*' : field(a.field)}${a.second === undefined ? '' : `, ${a.second}`})`;
  return `${call}${a.filter ? ` FILTER (WHERE ${condition(a.filter)})` : ''}`;
}

/** An expression over aggregates as SELECT needs it, which knows no aliases. */
function overCalls(of: Condition, { aggs }: WindowRule, sides: Sides): string {
  const call = (name: string) => callOf(aggs.find(({ as }) => as === name) as AggregateRule, sides);
  return condition(of).replaceAll(/"(\w+)"/g, (_, name) => call(name));
}

/** `[NOT] EXISTS` with everything of the left row called by `alias`. */
function exists(one: CaseExists, alias: string): string {
  const parts = [
    ...one.on.map(([l, r]) => `q."${r}" = ${one.of ?? alias}."${l}"`),
    ...(one.greater === null ? [] : [`q."${one.greater}" > ${one.of ?? alias}."${one.greater}"`]),
    ...(one.where === null ? [] : [condition(onSide(one.where, 'q'))]),
  ];
  const within = `WITHIN (BEFORE ${one.before} MILLISECONDS, AFTER ${one.after} MILLISECONDS)`;
  const elements = one.unnest ? ' CROSS JOIN UNNEST(q.tags) AS u(er)' : '';
  const asked = `EXISTS (SELECT 1 FROM ${one.input ?? 'events'} AS q${elements} WHERE ${parts.join(' AND ')} ${within})`;
  return one.negated ? `NOT ${asked}` : asked;
}

/** A WHERE; '' where there is none. */
function whereText(rule: SingleRule | WindowRule): string {
  const { where, baseline, exists: asked = [] } = rule;
  const own = [where, baseline?.where ?? null].filter((one) => one !== null);
  const { condition } = sidesOf(rule);
  const least = rule.kind === 'single' && rule.least !== undefined ? [`${sidesOf(rule).field('x')} >= :least`] : [];
  const parts = [...own.map(condition), ...least, ...asked.map((one) => exists(one, 'e'))];
  return parts.length === 0 ? '' : `WHERE ${parts.join('\n  AND ')}`;
}

function windowText(window: WindowRule['window']): string {
  if (window.type === 'session') {
    return `SESSION GAP ${window.gap} MILLISECONDS${window.max ? ` MAX ${window.max} MILLISECONDS` : ''}`;
  }
  if (window.type === 'sliding') return `SLIDING ${window.size} MILLISECONDS`;
  const advance = window.type === 'hopping' ? ` ADVANCE BY ${window.advance} MILLISECONDS` : '';
  const offset = window.offset ? ` OFFSET ${window.offset} MILLISECONDS` : '';
  const expected = window.expected ? ' WITH EMPTY KEYS OF known' : '';
  const empty = window.empty ? ` WITH EMPTY FOR ${window.empty} MILLISECONDS` : expected;
  const zone = window.zone ? ` IN TIME ZONE '${window.zone}'` : '';
  return `${window.type.toUpperCase()} ${window.size} MILLISECONDS${advance}${offset}${zone}${empty}`;
}

/** Behind the SELECT of a rule or a view. The pinned cases ignore EMIT AT END on SLIDING, which Weir refuses. */
function atEnd({ emit, window }: WindowRule): string[] {
  return emit === 'end' && window.type !== 'sliding' ? ['EMIT AT END'] : [];
}

/** Whether something stands beside its rows, so that each name has a side. */
function isBeside({ baseline, lookups = [] }: SingleRule | WindowRule): boolean {
  return baseline !== undefined || lookups.length > 0;
}

function lookupsText({ lookups = [] }: SingleRule | WindowRule | JoinRule): string {
  const joins = lookups.map(({ lookup, as, on, left_join }) => {
    const key = condition(onSide(['f', on], 'e'));
    return ` ${left_join ? 'LEFT ' : ''}JOIN ${lookup} AS ${as} ON ${as}.k = ${key}`;
  });
  return joins.join('');
}

function unnestText({ unnest, twice }: SingleRule | WindowRule): string {
  return `${unnest ? ' CROSS JOIN UNNEST(tags) AS t(el)' : ''}${twice ? ' CROSS JOIN UNNEST(tags) AS t2(el2)' : ''}`;
}

function baselineText({ baseline }: SingleRule | WindowRule): string {
  if (baseline === undefined) return '';
  const { table, left_join } = baseline;
  return `${left_join ? ' LEFT' : ''} JOIN ${table} AS b ON b.k1 = e.k1`;
}

/** The SELECT; `from` is what stands behind FROM. */
function selectLines(rule: WindowRule, from: string): string[] {
  const sides = sidesOf(rule);
  const isCalled = rule.exists?.length || isBeside(rule);
  const isWritten = (name: string) => isBeside(rule) || rule.computed?.[name] !== undefined;
  const keys = rule.group_by.map((name) => (isWritten(name) ? `${sides.field(name)} AS "${name}"` : `"${name}"`));
  const shown = Object.entries(rule.shown ?? {}).map(([as, of]) => `${overCalls(of, rule, sides)} AS "${as}"`);
  const columns = [...keys, ...rule.aggs.map((a) => aggregate(a, sides)), ...shown];
  const lines = [
    `SELECT ${columns.join(', ')}`,
    `FROM ${from}${isCalled ? ' AS e' : ''}${baselineText(rule)}${lookupsText(rule)}${unnestText(rule)}`,
  ];
  if (rule.where || isCalled) lines.push(whereText(rule));
  if (rule.group_by.length > 0) {
    // A part that is an expression is named by its alias, or written once more.
    const parts = rule.group_by.map((name) => (name.startsWith('by_alias') ? `"${name}"` : sides.field(name)));
    lines.push(`GROUP BY ${parts.join(', ')}`);
  }
  lines.push(
    `WINDOW ${windowText(rule.window)}`,
    `HAVING ${condition(rule.having)}${rule.least === undefined ? '' : ` AND ${countOf(rule)} >= :least`}`,
  );
  return lines;
}

/** What a parameter bounds: how many rows. */
function countOf({ input }: WindowRule): string {
  return input === undefined ? 'n' : 'w_n';
}

/** The view that a rule reads as it stands in the rule: what comes before its SELECT, and its FROM. */
function localView(rule: WindowRule, views: readonly WindowRule[]): { readonly before: string; readonly from: string } {
  const { input = 'events', local } = rule;
  const view = views.find(({ name }) => name === input);
  if (local === undefined || view === undefined) return { before: '', from: input };
  const brackets = `(\n${[...selectLines(view, 'events'), ...atEnd(view)].join('\n')}\n)`;
  if (local === 'with') return { before: `WITH "in-here" AS ${brackets}\n`, from: '"in-here"' };
  return { before: '', from: `${brackets} AS nested` };
}

/** What has the parameter of a rule: the rule, or the view that stands in it. */
function tunedBy(rule: WindowRule, views: readonly WindowRule[]): Pick<WindowRule, 'least' | 'tunes'> {
  const view = rule.local === undefined ? undefined : views.find(({ name }) => name === rule.input);
  return view?.least === undefined ? rule : view;
}

function tunesToSql(rule: string, tunes: readonly CaseTune[] = []): string[] {
  return tunes.map(
    ({ tenant, least }) =>
      `TUNE ${rule} WHERE tenant_id = '${tenant}' SET least = ${least} BECAUSE 'the case says so';`,
  );
}

function windowRule(rule: WindowRule, views: readonly WindowRule[]): string {
  const { before, from } = localView(rule, views);
  const { least } = tunedBy(rule, views);
  const lines = [
    `CREATE ${rule.table ? 'TABLE' : rule.view ? 'VIEW' : 'RULE'} ${rule.name}${rule.across ? ' ACROSS TENANTS' : ''}${headText({ ...rule, least })} AS`,
    ...selectLines(rule, from),
  ];
  lines[1] = before + lines[1];
  lines.push(...aboutLines(rule));
  if (rule.suppress) lines.push(`${suppressText(rule.suppress)}${rule.suppress.reset ? ' RESET' : ''}`);
  if (rule.life) {
    for (const { on, over, to } of rule.life.escalate) lines.push(`ESCALATE WHEN "${on}" > ${over} TO ${to}`);
    if (rule.life.update) lines.push('UPDATE AT END');
    if (rule.life.close !== null) lines.push(`CLOSE AFTER ${rule.life.close} MILLISECONDS QUIET`);
  }
  if (rule.risk) {
    const { score, half } = rule.risk;
    const written = typeof score === 'string' ? `"${score}"` : score;
    lines.push(`RISK ${written} ON account "${rule.group_by[0]}" HALF LIFE ${half} MILLISECONDS`);
  }
  if (rule.evidence !== undefined) lines.push(`EVIDENCE ${rule.evidence}`);
  if (!rule.table) lines.push(...atEnd(rule));
  return `${lines.join('\n')};`;
}

function joinRule(rule: JoinRule): string {
  const { name, left, right, on, before, after, left_join, compares, view, third, exists: asked = [] } = rule;
  const side = ({ where }: JoinRule['left'], alias: string) =>
    where === null ? [] : [condition(onSide(where, alias))];
  const part = ({ computed }: JoinRule['left'], alias: string, name: string) =>
    condition(onSide(inline(['f', name], computed), alias));
  const equal = on.map(([l, r]) => `${part(left, 'l', l)} = ${part(right, 'r', r)}`);
  const both = [
    ...(compares === undefined ? [] : [`l."${compares.left}" ${compares.operator} r."${compares.right}"`]),
    ...(rule.both === undefined ? [] : [condition(onSide(rule.both, 'l'))]),
  ];
  const isInOn = left_join || rule.in_on === true;
  // Of a LEFT JOIN the right side's condition belongs to ON; of an inner one it may stand in WHERE.
  const conditions = [...equal, ...(left_join ? side(right, 'r') : []), ...(isInOn ? both : [])];
  const ofThird = third === undefined ? [] : side({ as: 'm', where: third.where }, 'm');
  const where = [
    ...[...side(left, 'l'), ...(left_join ? [] : side(right, 'r')), ...(isInOn ? [] : both)],
    ...(third?.left_join ? [] : ofThird),
    ...(rule.least === undefined ? [] : [`l."${columnOfSide(left, 's')}" >= :least`]),
    ...(rule.filter === undefined ? [] : [condition(onSide(rule.filter, 'l'))]),
    ...asked.map((one) => exists(one, 'l')),
  ];
  const of = (alias: 'l' | 'r', column: (typeof unionColumns)[number]) =>
    `${alias}."${columnOfSide(alias === 'l' ? left : right, column)}" AS "${column}"`;
  const columns = [of('l', 'k1'), of('r', 'n'), of('r', 'fi'), of('l', 'any'), of('l', 's')];
  const beside = (rule.lookups ?? []).map(({ as }) => `${as}."owner" AS "${as}_owner"`);
  const shown = view ? columns : [of('l', 'k1'), of('r', 'n'), ...beside];
  return [
    `CREATE ${view ? 'VIEW' : 'RULE'} ${name}${headText(rule)} AS`,
    `SELECT ${shown.join(', ')}`,
    `FROM ${left.input ?? 'events'} AS l${left.unnest ? ' CROSS JOIN UNNEST(l.tags) AS t(el)' : ''} ${left_join ? 'LEFT ' : ''}JOIN ${right.input ?? 'events'} AS r`,
    `WITHIN (BEFORE ${before} MILLISECONDS, AFTER ${after} MILLISECONDS) ON ${conditions.join(' AND ')}`,
    third === undefined ? '' : joinOfPairs(third, ofThird),
    lookupsText(rule),
    `${right.unnest ? 'CROSS JOIN UNNEST(r.tags) AS u(er)' : ''}`,
    `${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`,
    ...policyLines(rule),
  ].join('\n');
}

function joinOfPairs({ of, on, before, after, left_join }: JoinOfPairs, asked: readonly string[]): string {
  const conditions = [...on.map(([l, r]) => `m."${r}" = ${of}."${l}"`), ...(left_join ? asked : [])];
  const within = `WITHIN (BEFORE ${before} MILLISECONDS, AFTER ${after} MILLISECONDS)`;
  return `${left_join ? 'LEFT ' : ''}JOIN events AS m ${within} ON ${conditions.join(' AND ')}`;
}

/** The exceptions on a rule, a statement each; `on` is its name where it is another one. */
function exceptionsToSql({ name, kind, exceptions = [] }: SingleRule | WindowRule | JoinRule, on = name): string[] {
  const time = (word: string, time_ms: number | null) =>
    time_ms === null ? '' : ` ${word} '${new Date(time_ms).toISOString()}'`;
  return exceptions.map(({ action, where, from, to }, i) => {
    const valid = from === null && to === null ? '' : ` VALID${time('FROM', from)}${time('TO', to)}`;
    const asked = kind === 'join' && action === 'ignore' ? onSide(where, 'l') : where;
    const what = `${action.toUpperCase()} WHERE ${condition(asked)}`;
    return `CREATE EXCEPTION x${i}_${on.replaceAll(/\W/g, '_')} FOR ${on} ${what}${valid} BECAUSE 'the case says so';`;
  });
}

/** Rules of the JSON form as Weir SQL; a view that stands in all rules that read it is no statement. */
export function rulesToSql(rules: readonly SimulationRule[]): string[] {
  const windows = rules.filter((rule) => rule.kind === 'window');
  const views = windows.filter(({ view }) => view);
  // Any part of a rule may name it as its input; a reader that has it for itself needs no statement.
  const isRead = (view: string, rule: SimulationRule) => {
    const whole = rule.kind === 'window' && rule.local ? { ...rule, input: undefined } : rule;
    return JSON.stringify(whole).includes(`"input":"${view}"`);
  };
  const isStatement = (rule: SimulationRule) => {
    if (!views.includes(rule as WindowRule)) return true;
    const isLocal = windows.some(({ input, local }) => input === rule.name && local);
    return !isLocal || rules.some((other) => isRead(rule.name, other));
  };
  return rules.filter(isStatement).map((rule) => ruleToSql(rule, views));
}

/** One rule, its exceptions behind it; sequences only as far as their refusal needs. */
export function ruleToSql(rule: SimulationRule, views: readonly WindowRule[] = []): string {
  if (rule.kind === 'single') {
    const { field } = sidesOf(rule);
    const computed = Object.keys(rule.computed ?? {}).map((as) => `, ${field(as)} AS "${as}"`);
    const shown = `${isBeside(rule) ? 'e."type" AS "type"' : '"type"'}${rule.baseline ? ', b.n AS "bn"' : ''}${computed.join('')}`;
    const from = `FROM events AS e${baselineText(rule)}${lookupsText(rule)}${unnestText(rule)}`;
    const select = `SELECT ${shown}\n${from}\n${whereText(rule)}`;
    const text = [`CREATE RULE ${rule.name}${headText(rule)} AS`, select, ...policyLines(rule)].join('\n');
    return [`${text};`, ...tunesToSql(rule.name, rule.tunes), ...exceptionsToSql(rule)].join('\n');
  }
  if (rule.kind === 'window') {
    const tunes = tunesToSql(rule.name, tunedBy(rule, views).tunes);
    const view = rule.local === undefined ? undefined : views.find(({ name }) => name === rule.input);
    const written = rule.local === 'with' ? 'in-here' : 'nested';
    const ofView = view === undefined ? [] : exceptionsToSql(view, `"${rule.name}.${written}"`);
    return [windowRule(rule, views), ...tunes, ...exceptionsToSql(rule), ...ofView].join('\n');
  }
  if (rule.kind === 'join') {
    return [`${joinRule(rule)};`, ...tunesToSql(rule.name, rule.tunes), ...exceptionsToSql(rule)].join('\n');
  }
  if (rule.kind === 'union') {
    const windowSelect = (window: WindowRule) => selectLines(window, window.input ?? 'events').join('\n');
    const text = unionToSql(rule, { condition, windowSelect });
    return [text, ...tunesToSql(rule.name, rule.tunes)].join('\n');
  }
  return `CREATE RULE ${rule.name} AS SELECT k1 FROM SEQUENCE BY k1 (events AS a THEN events AS b) WITHIN 1 MINUTE;`;
}

/** The lookups that rules may ask; their rows come as activations. */
const lookup = (name: string, type: string, times: string) =>
  `CREATE LOOKUP ${name} (k ${type} PRIMARY KEY, owner string, level int${times}) WITH (source = '${name}.csv');`;
const lookups = (times: string) => `${lookup('known', 'string', times)}\n${lookup('nets', 'cidr', times)}`;
export const lookupToSql = lookups(', valid_from timestamp, valid_to timestamp');
export const timelessLookupToSql = lookups('');

/** The function that conditions may call. */
export const functionToSql = 'CREATE FUNCTION tagged(list array, wanted string) RETURNS bool AS wanted = ANY(list);';

/** The stream that the cases' events belong to. */
export function streamToSql(input: Pick<SimulationInput, 'lateness' | 'dedup_horizon' | 'max_ahead'>): string {
  return [
    'CREATE STREAM events ("type" string, k1 string, k2 string, x int, ip string, res string, tags array,',
    'nm string, fl float, bo bool, ts timestamp, ad ip)',
    `LATENESS ${input.lateness} MILLISECONDS`,
    `MAX AHEAD ${input.max_ahead} MILLISECONDS`,
    `DEDUP ${input.dedup_horizon} MILLISECONDS;`,
  ].join(' ');
}
