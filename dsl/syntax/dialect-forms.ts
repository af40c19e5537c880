/** A construct of another rule language, and what is written for it here. */
export type Form = readonly [sign: RegExp, hint: string];

export const splunkForms: readonly Form[] = [
  [/\|\s*(?:bucket|bin)\b/i, '`| bucket _time span=5m` is WINDOW TUMBLING 5 MINUTES'],
  [/\|\s*streamstats\b/i, '`| streamstats time_window=5m` is WINDOW SLIDING 5 MINUTES'],
  [
    /\|\s*transaction\b/i,
    '`| transaction user maxpause=30m` is GROUP BY user WINDOW SESSION GAP 30 MINUTES; maxspan is its MAX',
  ],
  [
    /\|\s*tstats\b/i,
    '`| tstats count from datamodel=…` is a SELECT with GROUP BY: data models are the fields of events',
  ],
  [/\|\s*(?:input)?lookup\b/i, '`| lookup` is JOIN with a CREATE LOOKUP; `[| inputlookup list]` is x IN LOOKUP list'],
  [/\|\s*join\b/i, '`| join user […]` is JOIN … WITHIN 10 MINUTES ON …'],
  [/\|\s*dedup\b/i, '`| dedup user` is SUPPRESS BY user FOR 1 HOUR'],
  [/\|\s*rex\b/i, "`| rex` is regexp_extract(field, 'pattern', 1)"],
  [/\|\s*iplocation\b/i, '`| iplocation` is done before the rule: geo.country, geo.lat, geo.lon are fields'],
  [/\|\s*eval\b/i, '`| eval x=if(a,b,c)` is CASE WHEN a THEN b ELSE c END AS x in SELECT'],
  [/\bcidrmatch\s*\(/i, '`cidrmatch("10.0.0.0/8", ip)` is ip IN \'10.0.0.0/8\''],
  [/\bearliest\s*=/i, '`earliest=-15m` is how long the window is: WINDOW SLIDING 15 MINUTES'],
  [
    /\b(?:dc|values|list|latest|earliest)\s*\(/i,
    'dc(x) is count(DISTINCT x), values(x) array_agg(DISTINCT x, n), latest(x) last(x)',
  ],
  [/\|\s*(?:top|rare)\b/i, '`| top user` is top(user, 10) over a window'],
  [/\|\s*where\b/i, '`| where` behind stats is HAVING'],
];

export const kustoForms: readonly Form[] = [
  [
    /\bkind\s*=\s*(?:left)?anti/i,
    '`join kind=leftanti` is WHERE NOT EXISTS (SELECT 1 FROM events AS s WHERE … WITHIN 10 MINUTES)',
  ],
  [
    /\|\s*join\b(?!\s+kind\s*=\s*(?:left)?anti)/i,
    '`| join kind=inner` is JOIN … WITHIN 10 MINUTES ON …; leftouter is LEFT JOIN',
  ],
  [/\bbin\s*\(/i, '`bin(TimeGenerated, 5m)` is WINDOW TUMBLING 5 MINUTES'],
  [/\bmake-series\b/i, '`make-series … step 1h` is WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS'],
  [/\b(?:arg_max|arg_min)\s*\(/i, 'arg_max(TimeGenerated, x) is last(x), arg_min first(x)'],
  [/\b(?:make_set|make_list)\s*\(/i, 'make_set(x) is array_agg(DISTINCT x, n), make_list(x) array_agg(x, n)'],
  [/\bdcount\s*\(/i, 'dcount(x) is count(DISTINCT x), or approx_count_distinct(x)'],
  [/\bcountif\s*\(/i, 'countif(c) is count(*) FILTER (WHERE c)'],
  [
    /\b(?:ipv4_is_in_range|ipv4_is_match)\s*\(/i,
    "ipv4_is_in_range(ip, net) is ip IN 'net'; ipv4_is_private is is_private(ip)",
  ],
  [/_GetWatchlist|externaldata/i, "_GetWatchlist('x') is CREATE LOOKUP x … and field IN LOOKUP x"],
  [/\bmv-expand\b/i, "`mv-expand x` is CROSS JOIN UNNEST(x) AS t(one); whether any fits is ANY(x) LIKE '…'"],
  [/^[ \t]*let\s/im, '`let threshold = 10;` is PARAM threshold int = 10 in the head, :threshold in the rule'],
  [
    /=~|!~|\bhas(?:_any|_all|_cs)?\b|\bcontains\b/i,
    "`=~` is lower(x) = 'text', `has` and `contains` x ILIKE '%text%', has_any an OR of them",
  ],
  [/\bago\s*\(/i, '`ago(15m)` is how long the window is: WINDOW SLIDING 15 MINUTES'],
];

export const sigmaForms: readonly Form[] = [
  [
    /^[ \t]*type\s*:\s*temporal_ordered/im,
    'temporal_ordered: steps in an order come later; JOIN … WITHIN (AFTER 10 MINUTES) says two of them',
  ],
  [/^[ \t]*type\s*:\s*temporal\s*$/im, 'temporal: JOIN … WITHIN timespan of the rules as views'],
  [
    /^[ \t]*type\s*:\s*value_count/im,
    'value_count: GROUP BY, WINDOW SLIDING timespan HAVING count(DISTINCT field) >= n',
  ],
  [/^[ \t]*type\s*:\s*event_count/im, 'event_count: GROUP BY, WINDOW SLIDING timespan HAVING count(*) >= n'],
  [
    /\|\s*count\s*\(/i,
    '`| count() by x > 10` with timeframe is GROUP BY x WINDOW SLIDING timeframe HAVING count(*) > 10',
  ],
  [/\|contains\|all/i, "`|contains|all` is an AND of field ILIKE '%x%'"],
  [
    /\|(?:contains|startswith|endswith)\b/i,
    "`field|contains: x` is field ILIKE '%x%', `|startswith` field ILIKE 'x%', `|endswith` field ILIKE '%x'",
  ],
  [/\|re\b/i, "`|re` is field ~ 'pattern' (RE2)"],
  [/\|cidr\b/i, "`|cidr` is ip IN '10.0.0.0/8'"],
  [/\b(?:1|all) of (?:them|\w+\*?)/i, '`1 of selection_*` is an OR of the selections, `all of` an AND'],
  [/^[ \t]*- ['"]?\w+/m, "a list of values is field IN ('a', 'b')"],
];

export const eqlForms: readonly Form[] = [
  [
    /^[ \t]*sequence\b/im,
    'steps in an order come later; JOIN … WITHIN (AFTER 15 MINUTES) says two of them, and maxspan is that time',
  ],
  [/with\s+runs\s*=/i, 'a step that repeats (with runs=10) is counted in a window: HAVING count(*) >= 10'],
  [/^[ \t]*!\s*\[/m, 'a missing step (![…]) is WHERE NOT EXISTS (SELECT 1 FROM events AS s WHERE … WITHIN 10 MINUTES)'],
  [/\bcidrmatch\s*\(/i, 'cidrMatch(ip, "10.0.0.0/8") is ip IN \'10.0.0.0/8\''],
  [/\bin~|:\s*\(|\blike~?\b|(?<=\s):\s*"/i, "`:` and `in~` do not look at case: lower(x) = 'a', x ILIKE 'a%'"],
  [/==|"/, 'strings have single quotes and `==` is `=`'],
];

export const esqlForms: readonly Form[] = [
  [/\bbucket\s*\(|\bdate_trunc\s*\(/i, '`BUCKET(@timestamp, 5 minutes)` is WINDOW TUMBLING 5 MINUTES'],
  [/\bcount_distinct\s*\(/i, 'COUNT_DISTINCT(x) is count(DISTINCT x); VALUES(x) array_agg(DISTINCT x, n)'],
  [/\|\s*(?:enrich|lookup\s+join)\b/i, '`ENRICH` and `LOOKUP JOIN` are JOIN with a CREATE LOOKUP'],
  [/\|\s*(?:dissect|grok)\b/i, "`DISSECT` and `GROK` are regexp_extract(field, 'pattern', 1)"],
  [/\|\s*(?:sort|limit)\b/i, '`SORT` and `LIMIT` go: a stream has no end, its order is event time'],
  [/\bcidr_match\s*\(/i, 'CIDR_MATCH(ip, "10.0.0.0/8") is ip IN \'10.0.0.0/8\''],
  [/\bnow\s*\(\)/i, '`@timestamp > NOW() - 15 minutes` is WINDOW SLIDING 15 MINUTES'],
  [/\|\s*mv_expand\b/i, '`MV_EXPAND x` is CROSS JOIN UNNEST(x) AS t(one); whether any fits is ANY(x) = …'],
  [/\|\s*eval\b/i, '`EVAL x = …` is … AS x in SELECT'],
  [/\|\s*stats\b[\s\S]*\|\s*where\b/i, '`WHERE` behind STATS is HAVING'],
];

export const pantherForms: readonly Form[] = [
  [
    /^[ \t]*AnalysisType\s*:\s*correlation_rule/im,
    'a correlation rule: views for its rules, JOIN … WITHIN (AFTER 10 MINUTES) for its sequence',
  ],
  [
    /^[ \t]*Threshold\s*:/im,
    'Threshold: 5 with DedupPeriodMinutes: 60 is GROUP BY key WINDOW SLIDING 60 MINUTES HAVING count(*) >= 5',
  ],
  [/^def dedup\(|^[ \t]*DedupPeriodMinutes\s*:/im, 'dedup() and DedupPeriodMinutes are SUPPRESS BY key FOR 1 HOUR'],
  [/^def title\(/m, "title() is TITLE 'text {column}'"],
  [/^def severity\(/m, 'severity() is SEVERITY CASE WHEN … THEN high ELSE low END'],
  [/^def alert_context\(/m, 'alert_context() is what SELECT names'],
  [/^def unique\(/m, 'unique() is count(DISTINCT x) in HAVING'],
  [
    /deep_get|deep_walk|\.get\(/,
    "event.get('a'), deep_get(event, 'a', 'b') are the fields a and a.b, or details.a.b: a missing one is NULL",
  ],
  [/ip_address|ip_network|is_ip_in_network/, "ip_address(ip) in ip_network(net) is ip IN 'net'"],
  [/pattern_match|re\.(?:search|match|compile)/, "pattern_match is LIKE 'x%', re.search field ~ 'pattern' (RE2)"],
  [
    /\bcheck_account_age|get_string_set|put_string_set|panther_oss_helpers|kv_table/i,
    'what a rule remembers between events is its window: GROUP BY key WINDOW SLIDING 1 DAY',
  ],
];
