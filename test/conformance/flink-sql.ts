type Row = readonly unknown[];

export interface FlinkCase {
  id: string;
  sql: string;
  out_before?: Row[];
  out_after?: Row[];
  out?: Row[];
}

export interface FlinkForm {
  /** Texts with one rule r, whose columns are those of the case. */
  readonly sql: string;
  /** What Weir answers where its semantics differ on purpose, with the reason; absent where it must agree. */
  readonly pinned?: { readonly because: string; readonly answer: (expected: readonly Row[]) => Row[] };
}

const stream = (fields: string, lateness: string) =>
  `CREATE STREAM events (${fields}) LATENESS ${lateness} MAX AHEAD 7 DAYS DEDUP 1 HOUR;\n`;
const agg = stream('name string, a_int int, "comment" string', '1 SECOND');
const sides = stream('side string, name string, id string, num int, order_id int', '1 SECOND');
const interval = stream('side string, id int, order_id int', '1 SECOND');
const withoutNull = (rows: readonly Row[]) => rows.filter(([key]) => key !== null);
const null_key = 'a row with NULL in its key joins no group (S8)';

/** Both sides with the window of 5 s that they lie in. */
const windowSides = ['left', 'right']
  .map(
    (side) => `CREATE VIEW ${side}_rows AS SELECT id, num, name, div(timestamp::int, 5000) AS bucket
  FROM events WHERE side = '${side}';`,
  )
  .join('\n');
const windowJoin = (join: string): string => `${sides}${windowSides}
CREATE RULE r AS SELECT l.bucket AS bucket, l.name AS name, l.id AS l_id, l.num AS l_num, o.id AS r_id, o.num AS r_num
  FROM left_rows AS l ${join} right_rows AS o WITHIN 5 SECONDS ON o.name = l.name AND o.bucket = l.bucket;`;

const patterns: FlinkForm = {
  sql: `${agg}CREATE RULE r AS SELECT name FROM events MATCH_RECOGNIZE (PARTITION BY name PATTERN (a b+) DEFINE a AS true);`,
};

export const flinkForms: ReadonlyMap<string, FlinkForm> = new Map<string, FlinkForm>([
  [
    'group-window-aggregate-tumble-event-time',
    {
      sql: `${agg}CREATE RULE r AS
  SELECT name, window_start AS starts, window_end AS ends, count(*) AS cnt, sum(a_int) AS total,
    count(DISTINCT "comment") AS comments
  FROM events GROUP BY name WINDOW TUMBLING 5 SECONDS HAVING cnt >= 1 EMIT AT END;`,
      pinned: { because: null_key, answer: withoutNull },
    },
  ],
  [
    'group-window-aggregate-hop-event-time',
    {
      // A rule fires once for a run of windows (S8): the view has a row for each.
      sql: `${agg}CREATE VIEW v AS SELECT name, count(*) AS cnt FROM events
  GROUP BY name WINDOW HOPPING 10 SECONDS ADVANCE BY 5 SECONDS HAVING cnt >= 1 EMIT AT END;
CREATE RULE r AS SELECT name, cnt FROM v;`,
      pinned: {
        because: `${null_key}; a row behind the watermark is late, although a window of its time is open (S3)`,
        answer: (rows) => withoutNull(rows).map((row) => (row[0] === 'a' && row[1] === 6 ? ['a', 5] : row)),
      },
    },
  ],
  [
    'group-window-aggregate-session-event-time',
    {
      sql: `${agg}CREATE RULE r AS SELECT name, count(*) AS cnt FROM events
  GROUP BY name WINDOW SESSION GAP 3 SECONDS HAVING cnt >= 1 EMIT AT END;`,
      pinned: { because: null_key, answer: withoutNull },
    },
  ],
  [
    'interval-join-event-time',
    {
      sql: `${interval}CREATE VIEW orders AS SELECT id, timestamp AS ordered FROM events WHERE side = 'orders';
CREATE VIEW shipments AS SELECT order_id, timestamp AS shipped FROM events WHERE side = 'shipments';
CREATE RULE r AS SELECT o.id AS id, o.ordered AS ordered, s.shipped AS shipped
  FROM orders AS o JOIN shipments AS s WITHIN 5 SECONDS ON s.order_id = o.id;`,
    },
  ],
  ['window-join-inner-tumble-event-time', { sql: windowJoin('JOIN') }],
  ['window-join-left-tumble-event-time', { sql: windowJoin('LEFT JOIN') }],
  [
    'over-range-10s (in-order part only)',
    {
      sql: `${stream('a int, c string', '0 SECONDS')}CREATE VIEW v AS
  SELECT c, window_end AS at, count(*) AS cnt, sum(a) AS total FROM events
  GROUP BY c WINDOW SLIDING 10 SECONDS HAVING cnt >= 1;
CREATE RULE r AS SELECT at, cnt, total FROM v;`,
      pinned: {
        because: 'a row exactly at the watermark is in time (S3), so the second and third row at 20 s count',
        answer: (rows) => [
          ...rows.map((row) => (row[0] === 30 ? [30, 4, 9] : row)),
          ...[
            [20, 5, 7],
            [20, 6, 9],
          ],
        ],
      },
    },
  ],
  ...[
    'order-by-event-time',
    'order-by-int-column',
    'skip-to-next-row',
    'skip-past-last-row',
    'skip-to-last-B',
    'simple',
  ].map((name) => [`match-${name}`, patterns] as const),
]);
