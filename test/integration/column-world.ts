import { SegmentLog } from '../../connectors/index.ts';
import { buildProgram, compile } from '../../dsl/index.ts';
import { Engine, type LogEntry, lookupContent, type Program } from '../../engine/index.ts';
import { StoredReplay, StoredVerdicts } from '../../ui-api/live/stored-verdicts.ts';
import { seeded } from '../simulation/random.ts';

export const start_ms = Date.parse('2026-01-05T10:00:00Z');

/** What a stream may say; the first is what the log was written with. */
export const settings = [
  'CREATE STREAM events LATENESS 2 SECONDS IDLE 1 SECONDS MAX AHEAD 1 MINUTES DEDUP 20 SECONDS;',
  'CREATE STREAM events LATENESS 10 SECONDS IDLE 3 SECONDS MAX AHEAD 1 MINUTES DEDUP 2 SECONDS;',
  'CREATE STREAM events LATENESS 0 SECONDS IDLE 1 SECONDS MAX AHEAD 1 MINUTES DEDUP 1 HOUR;',
];

const lookup = "CREATE LOOKUP corp (net cidr PRIMARY KEY, reason string) WITH (source = 'corp.csv');";

/** Rules that read fields of every kind, what the door knows of an event, and none of `details`. */
export const declaredRules = `${lookup}
CREATE TABLE failures AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
  GROUP BY account_id WINDOW TUMBLING 10 SECONDS;
CREATE RULE often AS SELECT account_id, count(*) AS n, max(net.asn) AS asn, min(geo.lat) AS lat FROM events
  WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 10 SECONDS HAVING n >= 3;
CREATE RULE ended AS SELECT account_id, count(DISTINCT actor.ip) AS ips FROM events
  GROUP BY account_id WINDOW TUMBLING 7 SECONDS HAVING ips < 3 EMIT AT END;
CREATE RULE outside AS SELECT timestamp, actor.ip, geo.city, session_id FROM events
  WHERE event_type = 'logout' AND actor.ip NOT IN LOOKUP corp;
CREATE RULE followed AS SELECT account_id, session_id FROM events AS e WHERE event_type = 'login'
  AND EXISTS (SELECT * FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'logout' WITHIN 3 SECONDS);`;

/** The same, and some that read `details`. */
export const detailsRules = `${declaredRules}
CREATE RULE apps AS SELECT account_id, details.app::int AS app FROM events WHERE details.app = 'mail';
CREATE RULE sums AS SELECT account_id, sum(details.app::float) AS s, min(details.actor.device::string) AS device FROM events
  WHERE event_type = 'login' GROUP BY account_id WINDOW TUMBLING 7 SECONDS HAVING s > 4;`;

export function programOf(...texts: readonly string[]): Program {
  const { plan, diagnostics } = compile([{ path: 'a.rule.sql', text: texts.join('\n') }]);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildProgram(plan);
}

const utf8 = new TextEncoder();

/** How strange a log is. */
export interface Strangeness {
  /** Of 1: events that bring no id. */
  readonly without_id: number;
  /** Whether Weir was killed now and then, and came back with other settings. */
  readonly restarts: boolean;
}

/**
 * What a Weir writes that takes events of several sources in, out of step with one another, with duplicates, late, rejected
 * and cut records, sources that step aside, several versions of a lookup, and (with restarts) records that no verdict
 * was written for before it was killed.
 */
export function randomLog(seed: number, count: number, { without_id, restarts }: Strangeness): LogEntry[] {
  const next = seeded(seed);
  const below = (n: number) => Math.floor(next() * n);
  const entries: LogEntry[] = [];
  let engine = new Engine(programOf(settings[0]));
  let kept: LogEntry[] = [];
  const take = (entry: LogEntry): void => {
    engine.apply(entries.push(entry) - 1, entry);
    for (const { kind, position, verdict, detail } of engine.advance().verdicts) {
      kept.push({ kind, position, verdict, detail });
    }
  };
  let now_ms = start_ms;
  for (let i = 0; i < count; i++) {
    now_ms += below(400);
    take(anyEntry(i, now_ms, next, without_id));
    // Verdicts are appended with what comes next, or later.
    if (below(3) > 0) {
      entries.push(...kept);
      kept = [];
    }
    if (!restarts || below(count) >= 3) continue;
    kept = [];
    engine = restarted(entries, programOf(settings[below(settings.length)]), (verdict) => kept.push(verdict));
  }
  if (below(4) > 0) entries.push(...kept);
  if (below(6) === 0) entries.push({ kind: 'end' });
  return entries;
}

/** Reads the log as a start without a checkpoint does; verdicts that are not in it are told. */
function restarted(entries: readonly LogEntry[], program: Program, told: (verdict: LogEntry) => void): Engine {
  const stored = new StoredVerdicts();
  entries.forEach((entry, position) => {
    if (entry.kind !== 'verdict') return;
    stored.set(entry.position, entry.verdict);
    stored.end = position + 1;
  });
  const engine = new Engine(program);
  const replay = new StoredReplay(engine, stored, []);
  entries.forEach((entry, position) => {
    replay.apply(position, entry);
  });
  replay.end();
  for (const { kind, position, verdict, detail } of engine.advance().verdicts) {
    if (stored.of(position) === undefined) told({ kind, position, verdict, detail });
  }
  return engine;
}

function anyEntry(i: number, now_ms: number, next: () => number, without_id: number): LogEntry {
  const below = (n: number) => Math.floor(next() * n);
  const partition = `p${below(3)}`;
  const dice = below(100);
  if (dice < 3) return { kind: 'idle', partition };
  if (dice < 6) return { kind: 'back', partition };
  if (dice < 8) return { kind: 'tick', now_ms };
  if (dice < 9 || i === 0) {
    const rows = [[`10.${below(4)}.0.0/16`, `r${below(3)}`]];
    const columns = ['net', 'reason'].map((name, c) => ({ name, type: c === 0 ? 'cidr' : 'string' }) as const);
    const { name, version, bytes } = lookupContent('corp', columns, rows);
    return { kind: 'lookup', name, version, bytes, from_ms: i === 0 ? Number.NEGATIVE_INFINITY : now_ms };
  }
  const record = { partition, position: i, received_at: now_ms };
  if (dice < 11) return { kind: 'record', record: { ...record, bytes: utf8.encode('{"no":"event"') } };
  const bytes = utf8.encode(JSON.stringify(anyEvent(i, now_ms, next, without_id)).replace('"minus"', '-0'));
  return { kind: 'record', record: dice < 12 ? { ...record, bytes, length: 3_000_000 } : { ...record, bytes } };
}

function anyEvent(i: number, now_ms: number, next: () => number, without_id: number): object {
  const below = (n: number) => Math.floor(next() * n);
  const maybe = (fields: object): object => (below(3) > 0 ? fields : {});
  const device = i % 5 === 0 ? { device: `d${i % 7}` } : {};
  const ahead = below(60) === 0 ? 120_000 : 0;
  if (next() < without_id) {
    // Equal lines, which are counted (S4), also behind the end of a segment.
    const timestamp = Math.floor(now_ms / 4000) * 4000;
    return { timestamp, platform: 'inhouse', event_type: 'logout', account_id: 'acct_0' };
  }
  return {
    event_id: below(8) === 0 ? `é${i - below(30)}` : `é${i}`,
    timestamp: now_ms + ahead - below(below(6) === 0 ? 9000 : 1200),
    ...{ platform: 'inhouse', event_type: ['login', 'logout', 'other'][below(3)], account_id: `acct_${below(6)}` },
    ...maybe({ tenant_id: ['one', 'zwei', ''][below(2)] }),
    ...maybe({ seq: below(5) }),
    ...maybe({
      actor: { ip: [`10.${below(4)}.0.${below(9)}`, '2001:DB8::1', '::ffff:10.1.0.1'][below(3)], ...device },
    }),
    ...maybe({ net: { asn: below(2) === 0 ? below(9) : below(2 ** 31) } }),
    ...maybe({ geo: { lat: [1.5, 'minus', -33.25, 2 ** 52][below(4)], city: ['Köln', '\ud800', ''][below(3)] } }),
    ...maybe({ auth: { result: ['fail', 'success'][below(2)] } }),
    ...maybe({ session_id: `s${below(1000)}` }),
    ...maybe({ details: { app: ['mail', 'wiki', 17, { app: ['mail'] }, '\n', null][below(6)] } }),
    ...(i % 4 === 0 ? { app: ['mail', 5, [1e20]][i % 3] } : {}),
  };
}

/** Writes the entries into a log of small segments. */
export async function writeLog(directory: string, entries: readonly LogEntry[], next: () => number): Promise<void> {
  const log = await SegmentLog.open({ directory, segment_bytes: 4000 });
  for (let at = log.end_position; at < entries.length; ) {
    const size = 1 + Math.floor(next() * 12);
    await log.append(entries.slice(at, at + size));
    at += size;
  }
  await log.close();
}
