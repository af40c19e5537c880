import { existsSync, readFileSync } from 'node:fs';
import type { Detection, Program } from '../../engine/index.ts';
import { programOf, runSorted } from './runs.ts';
import { newScore, type Score } from './score.ts';

interface PublishedRule {
  type: string;
  window_s: number;
  num_events?: number;
  key?: string;
  field?: string;
  height?: number;
  ref_min?: number;
  direction?: 'up' | 'both';
}

interface PublishedEvent {
  t: number;
  n?: number;
}

interface ElastalertCase {
  id: string;
  rule: PublishedRule;
  events: (PublishedEvent | { advance_time_to: number })[];
  expected: {
    alerts: number | { at: number; keys?: string[]; username?: string }[];
    at?: number;
    none_before?: number;
    values?: string[];
  };
}

/** What one firing is compared by. `at` is in seconds, as published. */
interface Alert {
  at: number;
  key: string | null;
  value: string | null;
}

const file = new URL('../../../shared/cases/elastalert2/cases.json', import.meta.url);
const stream =
  'CREATE STREAM events (n int, username string, qk string, "user" string, foo string, ip string) LATENESS 5 SECONDS;';

/** A query over a window of the rule's length; `how` names the window. */
function windowed(rule: PublishedRule, how: string, outputs: string, having: string): string {
  const key = rule.key === undefined ? '' : `"${rule.key}", `;
  const group = rule.key === undefined ? '' : `GROUP BY "${rule.key}" `;
  return `SELECT ${key}${outputs} FROM events ${group}WINDOW ${how} ${rule.window_s} SECONDS HAVING ${having}`;
}

/**
 * The published rule in Weir SQL. `weighted` says that events carry counts. A rule that alerts at each event for which
 * the condition holds, not only where it becomes true, is a view (a row at every such event) and a rule over it.
 */
function ruleText({ rule }: ElastalertCase, weighted: boolean): string {
  const total = `${weighted ? 'sum(n)' : 'count(*)'} AS total`;
  const distinct = `count(DISTINCT "${rule.field}") AS total`;
  const create = 'CREATE RULE r AS';
  switch (rule.type) {
    case 'frequency':
      return `${create} ${windowed(rule, 'SLIDING', total, `total >= ${rule.num_events}`)};`;
    case 'spike': {
      const before = 'lag(total, 1) OVER (LAST 1 WINDOWS)';
      const up = `total >= ${rule.height} * ${before}`;
      const condition = rule.direction === 'both' ? `(${up} OR ${rule.height} * total <= ${before})` : up;
      return `${create} ${windowed(rule, 'TUMBLING', total, `${condition} AND ${before} >= ${rule.ref_min}`)};`;
    }
    case 'flatline (absence)': {
      const where = weighted ? ' WHERE n > 0' : '';
      const by = rule.key === undefined ? '' : `BY "${rule.key}" `;
      const steps = `events AS a${where} THEN NOT events AS b${where} WITHIN ${rule.window_s} SECONDS`;
      return `${create} SELECT a.timestamp AS since FROM SEQUENCE ${by}(${steps});`;
    }
    case 'count distinct < 4 once the window is full': {
      const full = `known_for() OVER (PER () LAST 1 DAY) >= ${rule.window_s} SECONDS`;
      return `${create} ${windowed(rule, 'SLIDING', distinct, `total < 4 AND ${full}`)};`;
    }
    case 'count distinct > 2 (each further new value alerts)': {
      const outputs = `${distinct}, last("${rule.field}") AS latest`;
      const view = `CREATE VIEW crowded AS ${windowed(rule, 'SLIDING', outputs, 'total > 2')};`;
      return `${view}\n${create} SELECT "${rule.key}", latest FROM crowded;`;
    }
    default: {
      const more = /^count distinct > (\d+)$/.exec(rule.type)?.[1];
      if (more === undefined) throw new Error(`elastalert2: rules of type '${rule.type}' are not translated`);
      return `${create} ${windowed(rule, 'SLIDING', distinct, `total > ${more}`)};`;
    }
  }
}

function alertsOf(published: ElastalertCase, program: Program): Alert[] {
  const records = published.events.flatMap((event, i) => {
    if ('advance_time_to' in event) return [];
    const { t, ...fields } = event;
    const timestamp = published_epoch_ms + Math.round(t * 1000);
    const bytes = new TextEncoder().encode(JSON.stringify({ timestamp, ...fields }));
    return [{ partition: published.id, position: i + 1, received_at: timestamp, bytes }];
  });
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const outputs = (detection: Detection) => program.operators[detection.operator]?.outputs ?? [];
  return runSorted(program, records).map((detection) => ({
    at: (detection.decided_at - published_epoch_ms) / 1000,
    key: text(detection.key[0]),
    value: text(detection.values[outputs(detection).findIndex(({ name }) => name === 'latest')]),
  }));
}

/** Noon of a day: aligned windows begin there, as the published tests begin at the start of one. */
const published_epoch_ms = Date.UTC(2026, 0, 1, 12);

/** Why the alerts are not the published ones, or null where they are. */
function difference({ rule, events, expected }: ElastalertCase, got: readonly Alert[]): string | null {
  const shown = `got ${got.map(({ at, key }) => `${at} s${key === null ? '' : ` ${key}`}`).join(', ') || 'nothing'}`;
  // The peer finds an absence at its next look, which is an event or a tick of its test; Weir decides at the deadline.
  const absence = rule.type.startsWith('flatline');
  const looks = events.map((event) => ('t' in event ? event.t : event.advance_time_to));
  const seenAt = (at: number) => (absence ? looks.find((look) => look >= at) : at);
  if (typeof expected.alerts === 'number') {
    if (got.length !== expected.alerts) return `expected ${expected.alerts} alerts; ${shown}`;
    if (expected.at !== undefined && got.some(({ at }) => seenAt(at) !== expected.at))
      return `expected at ${expected.at} s; ${shown}`;
    if (got.some(({ at }) => (seenAt(at) ?? Infinity) < (expected.none_before ?? -Infinity)))
      return `expected none before ${expected.none_before} s; ${shown}`;
    const values = got.map(({ value }) => value);
    return expected.values === undefined || JSON.stringify(values) === JSON.stringify(expected.values)
      ? null
      : `expected ${expected.values.join(', ')}; got ${values.join(', ')}`;
  }
  const wanted = expected.alerts.flatMap(({ at, keys, username }) => (keys ?? [username]).map((key) => `${at} ${key}`));
  const found = got.map(({ at, key }) => `${seenAt(at)} ${key}`);
  return JSON.stringify(found.sort()) === JSON.stringify(wanted.sort())
    ? null
    : `expected ${wanted.join(', ')}; ${shown}${absence ? ' (a silence is one detection; the peer repeats it)' : ''}`;
}

/** ElastAlert 2's own rule tests: counts, times and keys. What the language cannot say yet is its compiler's word. */
export function elastalert2(): Score | null {
  if (!existsSync(file)) return null;
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: ElastalertCase[] };
  const score = newScore('elastalert2', 'case');
  for (const published of cases) {
    const weighted = published.events.some((event) => 'n' in event);
    const compiled = programOf(`${stream}\n${ruleText(published, weighted)}`);
    if ('refusal' in compiled) {
      score.inexpressible++;
      score.notes.push(`${published.id}: inexpressible, ${compiled.refusal}`);
      continue;
    }
    const differs = difference(published, alertsOf(published, compiled.program));
    if (differs === null) score.agree++;
    else {
      score.differ++;
      score.notes.push(`${published.id}: ${differs}`);
    }
  }
  return score;
}
