import { windowFunctions } from '../syntax/window-functions.ts';

/** Functions of the language that this version does not have, with what can be done instead. */
export const laterFunctions: ReadonlyMap<string, string> = new Map([
  ...[
    ...['first_seen', 'known_for', 'travel_speed', 'zscore', 'robust_zscore', 'ewma', 'anomaly'],
    ...['isolation_score', 'isolation_forest', 'holt_winters', 'impossible_travel'],
  ].map((name) => [name, 'history and statistics per key come with OVER, which is not here yet'] as const),
  ['lag', windowFunctions.get('lag')?.label ?? ''],
]);

/** What says the same by now, where something does. */
export const laterHints: ReadonlyMap<string, string> = new Map(
  ['first_seen', 'known_for'].map((name) => [
    name,
    'what an account did not show for 30 days: NOT EXISTS (SELECT 1 FROM events AS b WHERE b.account_id = e.account_id AND b.geo.country = e.geo.country WITHIN (BEFORE 30 DAYS))',
  ]),
);

interface RefusedFunction {
  readonly message: string;
  readonly label: string;
  readonly hints?: readonly string[];
}

const all: RefusedFunction = {
  message: 'there is no ALL(array)',
  label: 'all elements fit where none does not: NOT (ANY(x) <> …)',
};
const unnest: RefusedFunction = {
  message: 'UNNEST makes rows, so it stands behind FROM',
  label: 'write FROM events CROSS JOIN UNNEST(array) AS t(x), and x here',
};
const clock: RefusedFunction = {
  message: 'rules cannot read the clock',
  label: 'a backtest would give another result than the live run: use timestamp, the time of the event',
  hints: ['"the last 15 minutes" is a window: WINDOW SLIDING 15 MINUTES'],
};
const chance: RefusedFunction = {
  message: 'rules know no chance',
  label: 'two runs over the same events must find the same',
};

/** Functions that SQL has and a rule cannot have. */
export const refusedFunctions: ReadonlyMap<string, RefusedFunction> = new Map<string, RefusedFunction>([
  ...['now', 'current_timestamp', 'current_date', 'today', 'getdate', 'sysdate', 'localtimestamp'].map(
    (name) => [name, clock] as const,
  ),
  ['all', all],
  ...['unnest', 'explode', 'arrayjoin', 'flatten'].map((name) => [name, unnest] as const),
  ...['random', 'rand', 'uuid', 'generateuuidv4', 'newid', 'gen_random_uuid'].map((name) => [name, chance] as const),
  ...['tumble', 'hop', 'session', 'tumble_start', 'tumble_end'].map(
    (name) =>
      [
        name,
        {
          message: `${name} is how another system writes windows`,
          label: 'write WINDOW TUMBLING 5 MINUTES after GROUP BY; window_start and window_end are columns',
        },
      ] as const,
  ),
]);
