import { windowFunctions } from '../syntax/window-functions.ts';

const clock = 'the time of the event is timestamp';
const window = 'write WINDOW TUMBLING 5 MINUTES after GROUP BY; window_start and window_end are columns';
const list = (distinct: string) => `write array_agg(${distinct}x, 20)`;
const json = "write details.a.b, or details['odd key']";

/** Functions that other systems have for what is written otherwise here, by name in small letters. */
export const foreignFunctions: ReadonlyMap<string, string> = new Map([
  // ksqlDB
  ...['latest_by_offset', 'latest', 'last_value', 'arg_max', 'argmax', 'max_by'].map(
    (name) => [name, 'write last(x)'] as const,
  ),
  ...['earliest_by_offset', 'earliest', 'first_value', 'arg_min', 'argmin', 'min_by'].map(
    (name) => [name, 'write first(x)'] as const,
  ),
  ...['collect_list', 'make_list', 'list', 'grouparray', 'array_collect'].map((name) => [name, list('')] as const),
  ...['collect_set', 'make_set', 'values', 'groupuniqarray', 'collect'].map(
    (name) => [name, list('DISTINCT ')] as const,
  ),
  ...['topk', 'topkdistinct', 'top_k'].map((name) => [name, 'write top(x, 10)'] as const),
  ...['extractjsonfield', 'json_value', 'json_query', 'parse_json', 'json_extract', 'spath'].map(
    (name) => [name, json] as const,
  ),
  ['ucase', 'write upper(x)'],
  ['lcase', 'write lower(x)'],
  ...['tolower', 'to_lower', 'lowercase'].map((name) => [name, 'write lower(x)'] as const),
  ...['toupper', 'to_upper', 'uppercase'].map((name) => [name, 'write upper(x)'] as const),
  ...['len', 'strlen', 'char_length', 'character_length'].map((name) => [name, 'write length(x)'] as const),
  ...['instr', 'position', 'strpos', 'charindex', 'locate'].map((name) => [name, "write contains(x, 'text')"] as const),
  ['ifnull', 'write coalesce(x, instead)'],
  ['nvl', 'write coalesce(x, instead)'],
  ['isnull', 'write x IS NULL'],
  ['isnotnull', 'write x IS NOT NULL'],
  ['isempty', "write x IS NULL OR x = ''"],
  ['isnotempty', "write x <> ''"],
  ['concat', 'write a || b'],
  ['strcat', 'write a || b'],
  ['concat_ws', "write a || ', ' || b"],
  // Flink SQL
  ...[
    'hop_start',
    'hop_end',
    'session_start',
    'session_end',
    'tumble_rowtime',
    'bucket',
    'bin',
    'date_bin',
    'window',
  ].map((name) => [name, window] as const),
  ...['proctime', 'rowtime', 'current_row_timestamp', 'unix_timestamp', 'ago'].map((name) => [name, clock] as const),
  ...(
    [
      ...(['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map(
        (part) => [part, part.toUpperCase()] as const,
      ),
      ...[['hourofday', 'HOUR'] as const, ['dayofmonth', 'DAY'] as const],
      ...['dayofweek', 'weekday', 'isodow', 'dow', 'day_of_week'].map((name) => [name, 'ISODOW'] as const),
    ] as const
  ).map(([name, part]) => [name, `write extract(${part} FROM timestamp AT TIME ZONE 'Europe/Berlin')`] as const),
  ['listagg', list('')],
  ['group_concat', list('')],
  ['string_agg', list('')],
  ...['strftime', 'to_char', 'date_format', 'format_datetime', 'formatdatetime', 'timestamptostring'].map(
    (name) => [name, 'write x::string, or a part of it: extract(HOUR FROM x)'] as const,
  ),
  ...['strptime', 'to_timestamp', 'todatetime', 'parse_datetime', 'stringtotimestamp'].map(
    (name) => [name, 'write x::timestamp'] as const,
  ),
  ...['from_unixtime', 'unixtime_seconds_todatetime', 'fromunixtimestamp'].map(
    (name) => [name, 'write (x * 1000)::timestamp: a number is milliseconds since 1970'] as const,
  ),
  ...['startofday', 'startofhour', 'timeslice', 'tostartofhour', 'tostartofday'].map(
    (name) => [name, "write date_trunc('hour', x)"] as const,
  ),
  ['timestampdiff', 'write a - b, which is a duration: a - b > 10 MINUTES'],
  ['datediff', 'write a - b, which is a duration: a - b > 2 DAYS'],
  ['datetime_diff', 'write a - b, which is a duration: a - b > 10 MINUTES'],
  ...[...windowFunctions].map(([name, { label }]) => [name, label] as const),
  ['rank', 'the greatest are top(x, 10) over a window'],
  ['regexp_like', "write x ~ 'pattern'"],
  ['regexp_matches', "write x ~ 'pattern'"],
  ['rlike', "write x ~ 'pattern'"],
  // Splunk, Kusto, Elastic
  ['dc', 'write count(DISTINCT x)'],
  ['dcount', 'write count(DISTINCT x)'],
  ['count_distinct', 'write count(DISTINCT x)'],
  ['uniq', 'write count(DISTINCT x)'],
  ['uniqexact', 'write count(DISTINCT x)'],
  ['estdc', 'write approx_count_distinct(x)'],
  ['countif', 'write count(*) FILTER (WHERE condition)'],
  ['count_if', 'write count(*) FILTER (WHERE condition)'],
  ['sumif', 'write sum(x) FILTER (WHERE condition)'],
  ['dcountif', 'write count(DISTINCT x) FILTER (WHERE condition)'],
  ['if', 'write CASE WHEN condition THEN a ELSE b END'],
  ['iff', 'write CASE WHEN condition THEN a ELSE b END'],
  ['iif', 'write CASE WHEN condition THEN a ELSE b END'],
  ['case', 'write CASE WHEN condition THEN a ELSE b END'],
  ...['cidrmatch', 'cidr_match', 'ipv4_is_in_range', 'isinnet', 'ip_in_net'].map(
    (name) => [name, "write ip IN '10.0.0.0/8'"] as const,
  ),
  ['ipv4_is_private', 'write is_private(ip)'],
  ['startswith', "write starts_with(x, 'text')"],
  ['endswith', "write x LIKE '%text'"],
  ['match', "write x ~ 'pattern'"],
  ['wildcard', "write x LIKE 'text%'"],
  ['tostring', 'write x::string'],
  ['toint', 'write x::int'],
  ['tonumber', 'write x::float'],
  ['todouble', 'write x::float'],
  ['percentile', 'write approx_percentile(x, 0.95)'],
  ['perc95', 'write approx_percentile(x, 0.95)'],
  ...['percentile_cont', 'percentile_disc', 'approx_quantile', 'quantile'].map(
    (name) => [name, 'write approx_percentile(x, 0.95)'] as const,
  ),
  ['median', 'write approx_percentile(x, 0.5)'],
  ['stdev', 'write stddev(x)'],
  ['stddev_samp', 'write stddev(x)'],
  ['mode', 'write top(x, 1)'],
  ['mvcount', 'write cardinality(x)'],
  ['array_length', 'write cardinality(x)'],
  ['array_contains', "write ANY(x) = 'text'"],
  ['mvfind', "write ANY(x) ~ 'pattern'"],
]);
