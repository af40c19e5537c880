export interface SiddhiCase {
  id: string;
  app: string;
  inputs: { t_ms: number; stream: string; values: (number | string | { now: true })[] }[];
  total_sleep_ms: number;
  expected: { in_events: number };
  fit: string;
}

/**
 * A case in Weir: texts with one rule r, or why there is nothing to compare. Rows that events decide all leave in the
 * end; batches only when a later event or the timeout closes them.
 */
export type SiddhiForm =
  | { sql: string; decided_by: 'event' | 'batch end'; timeout_ms: number | null }
  | { incomparable: string };

/** externalTime and externalTimeBatch with a long attribute, a size in seconds, a start, a timeout and a flag. */
const window =
  /#window\.externalTime(Batch)?\((\w+),\s*(\d+) sec(?:,\s*(\w+?)L?)?(?:,\s*(\d+)( sec)?)?(?:,\s*(?:true|false))?\)/;
const stream = (fields: string) =>
  `CREATE STREAM events (${fields}) LATENESS 0 SECONDS MAX AHEAD 7 DAYS DEDUP 1 HOUR;\n`;

/** Joins of the two batches of one second: the same second, and the two names equal. */
const joined = `CREATE VIEW quotes AS SELECT symbol, price, date_trunc('second', timestamp) AS sec
  FROM events WHERE "stream" = 'cseEventStream';
CREATE VIEW tweets AS SELECT company, tweet, date_trunc('second', timestamp) AS sec
  FROM events WHERE "stream" = 'twitterStream';
CREATE RULE r AS SELECT q.symbol AS symbol, t.tweet AS tweet, q.price AS price
  FROM quotes AS q JOIN tweets AS t WITHIN 1 SECOND ON t.company = q.symbol AND t.sec = q.sec;`;

function windowForm({ app, inputs }: SiddhiCase): SiddhiForm {
  const parts = window.exec(app);
  // A time of type int is refused too.
  if (parts === null || app.includes('timestamp int')) {
    return { incomparable: 'Siddhi refuses the text itself, for its parameters: the rows of the case never came' };
  }
  const [, batch, , seconds, start, timeout, unit] = parts;
  const timeout_ms = timeout === undefined ? null : Number(timeout) * (unit === undefined ? 1 : 1_000);
  const fields = '"stream" string, ip string, "value" int, symbol string, price float, company string, tweet string';
  if (app.includes(' join ')) return { sql: stream(fields) + joined, decided_by: 'event', timeout_ms };
  if (batch === undefined) {
    const view = `CREATE VIEW v AS SELECT count(*) AS n FROM events WINDOW SLIDING ${seconds} SECONDS HAVING n >= 1;`;
    return { sql: `${stream(fields)}${view}\nCREATE RULE r AS SELECT n FROM v;`, decided_by: 'event', timeout_ms };
  }
  const size_ms = Number(seconds) * 1_000;
  // Without a start, or with the attribute as the start, windows begin at the first event.
  const origin = start === undefined || /\D/.test(start) ? Number(inputs[0]?.values[0]) : Number(start);
  const offset = origin % size_ms === 0 ? '' : `OFFSET ${origin % size_ms} MILLISECONDS`;
  const rule = `CREATE RULE r AS SELECT count(*) AS n FROM events
    WINDOW TUMBLING ${seconds} SECONDS ${offset} HAVING n >= 1 EMIT AT END;`;
  return { sql: stream(fields) + rule, decided_by: 'batch end', timeout_ms };
}

/** `output first every`: the first of a span leaves, which is SUPPRESS; spans of events are not Weir's kind. */
function suppressionForm({ app }: SiddhiCase): SiddhiForm {
  const [, length, unit] = /output first every (\d+) (sec|events)/.exec(app) as RegExpExecArray;
  const key = app.includes('group by ip') ? 'ip' : '()';
  const batch = /#window\.lengthBatch\((\d+)\)/.exec(app)?.[1];
  const windowed = batch === undefined ? '' : `WINDOW LENGTH BATCH ${batch} HAVING n >= 1`;
  const columns = batch === undefined ? 'ip' : 'ip, count(*) AS n';
  const span = `${length} ${unit === 'sec' ? 'SECONDS' : 'EVENTS'}`;
  const rule = `CREATE RULE r AS SELECT ${columns} FROM events ${windowed} SUPPRESS BY ${key} FOR ${span};`;
  return { sql: stream('ip string') + rule, decided_by: 'event', timeout_ms: null };
}

/** What the case asks, in Weir SQL. */
export function siddhiForm(published: SiddhiCase): SiddhiForm {
  return published.fit === 'suppression' ? suppressionForm(published) : windowForm(published);
}
