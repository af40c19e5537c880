/**
 * The Nexmark queries that published answers exist for (or that a few lines can answer), as Weir SQL. Every window is
 * written with EMIT AT END, since Nexmark asks for a window's last word and a detection may leave at its first.
 */
export const nexmarkStream = `
CREATE STREAM events ("type" string, id int, name string, state string, seller int, category int, auction int,
  bidder int, price int, channel string) LATENESS 2500 MILLISECONDS MAX AHEAD 7 DAYS DEDUP 1 HOUR;
CREATE LOOKUP side_input (key int PRIMARY KEY, "value" string) WITH (source = 'side_input.csv');`;

export interface NexmarkQuery {
  readonly name: string;
  /** Views, and one rule of the query's name. */
  readonly sql: string;
  /** Key of the published answers; null where own lines answer (nexmark.ts). */
  readonly answers: string | null;
}

const sessions = (seconds: number): NexmarkQuery => ({
  name: `q11_${seconds}s`,
  answers: `q11_sessions_gap_${seconds}s`,
  sql: `CREATE RULE q11_${seconds}s AS
    SELECT bidder, window_start AS starts, window_end AS ends, count(*) AS bids
    FROM events WHERE "type" = 'bid' GROUP BY bidder WINDOW SESSION GAP ${seconds} SECONDS HAVING bids >= 1 EMIT AT END;`,
});

export const nexmarkQueries: readonly NexmarkQuery[] = [
  {
    name: 'q1',
    answers: 'q1_count_and_sum',
    sql: `CREATE RULE q1 AS SELECT auction, bidder, 0.908 * price AS euros FROM events WHERE "type" = 'bid';`,
  },
  {
    name: 'q2',
    answers: 'q2_filter',
    sql: `CREATE RULE q2 AS SELECT auction, price FROM events WHERE "type" = 'bid' AND auction % 123 = 0;`,
  },
  {
    // Unbounded in Nexmark; an hour is more than all of the events.
    name: 'q3',
    answers: 'q3_join',
    sql: `CREATE RULE q3 AS SELECT p.name AS person, p.state AS place, a.id AS auction_id
      FROM events AS a JOIN events AS p WITHIN 1 HOUR ON p.id = a.seller
      WHERE a."type" = 'auction' AND a.category = 10 AND p."type" = 'person' AND p.state IN ('OR', 'ID', 'CA');`,
  },
  {
    // The side of the join, by the start of the tumbling window: 8 s after that of the hop window.
    name: 'q5_side_input',
    answers: 'q5_hot_items_hop_10s_2s',
    sql: `CREATE VIEW q5_side_counts AS SELECT auction, count(*) AS num
      FROM events WHERE "type" = 'bid' GROUP BY auction WINDOW HOPPING 10 SECONDS ADVANCE BY 2 SECONDS
      HAVING num >= 1 EMIT AT END;
    CREATE RULE q5_side_input AS SELECT window_start AS starts, max(num) AS most
      FROM q5_side_counts WINDOW TUMBLING 2 SECONDS HAVING most >= 1 EMIT AT END;`,
  },
  {
    // Hop windows end at multiples of 2 s and their rows stand at the end: each tumbling window of 2 s over these rows
    // holds those of one hop window, and its maximum is joined with them.
    name: 'q5',
    answers: 'q5_hot_items_hop_10s_2s',
    sql: `CREATE VIEW q5_counts AS
      SELECT auction, count(*) AS num, window_start AS starts
      FROM events WHERE "type" = 'bid' GROUP BY auction WINDOW HOPPING 10 SECONDS ADVANCE BY 2 SECONDS
      HAVING num >= 1 EMIT AT END;
    CREATE VIEW q5_most AS
      SELECT max(num) AS most FROM q5_counts WINDOW TUMBLING 2 SECONDS HAVING most >= 1 EMIT AT END;
    CREATE RULE q5 AS SELECT c.starts AS starts, c.auction AS auction, c.num AS num
      FROM q5_counts AS c JOIN q5_most AS m WITHIN 1 MILLISECOND ON m.most = c.num;`,
  },
  {
    // The side of the join that the published answers hold.
    name: 'q7_side_input',
    answers: 'q7_highest_bid_tumble_10s',
    sql: `CREATE RULE q7_side_input AS SELECT window_start AS starts, max(price) AS highest
      FROM events WHERE "type" = 'bid' WINDOW TUMBLING 10 SECONDS HAVING highest >= 0 EMIT AT END;`,
  },
  {
    name: 'q7',
    answers: 'q7_highest_bid_tumble_10s',
    sql: `CREATE VIEW q7_highest AS SELECT window_start AS starts, max(price) AS highest
      FROM events WHERE "type" = 'bid' WINDOW TUMBLING 10 SECONDS HAVING highest >= 0 EMIT AT END;
    CREATE RULE q7 AS SELECT h.starts AS starts, b.price AS highest, b.bidder AS bidder
      FROM events AS b JOIN q7_highest AS h WITHIN (AFTER 9999 MILLISECONDS) ON h.highest = b.price
      WHERE b."type" = 'bid';`,
  },
  {
    name: 'q8',
    answers: 'q8_new_users_tumble_10s',
    sql: `CREATE VIEW q8_people AS SELECT id, count(*) AS n, window_start AS starts
      FROM events WHERE "type" = 'person' GROUP BY id WINDOW TUMBLING 10 SECONDS HAVING n >= 1 EMIT AT END;
    CREATE VIEW q8_sellers AS SELECT seller, count(*) AS n
      FROM events WHERE "type" = 'auction' GROUP BY seller WINDOW TUMBLING 10 SECONDS HAVING n >= 1 EMIT AT END;
    CREATE RULE q8 AS SELECT p.starts AS starts, p.id AS person
      FROM q8_people AS p JOIN q8_sellers AS s WITHIN 1 MILLISECOND ON s.seller = p.id;`,
  },
  sessions(10),
  sessions(2),
  {
    // Processing time in Nexmark. Rules cannot read a clock (S3), so this is the same question in event time.
    name: 'q12',
    answers: null,
    sql: `CREATE RULE q12 AS SELECT bidder, count(*) AS bids, window_start AS starts
      FROM events WHERE "type" = 'bid' GROUP BY bidder WINDOW TUMBLING 10 SECONDS HAVING bids >= 1 EMIT AT END;`,
  },
  {
    name: 'q13',
    answers: null,
    sql: `CREATE VIEW q13_bids AS SELECT auction, bidder, price, auction % 10000 AS side_key
      FROM events WHERE "type" = 'bid';
    CREATE RULE q13 AS SELECT b.auction AS auction, b.bidder AS bidder, b.price AS price, s."value" AS side
      FROM q13_bids AS b JOIN side_input AS s ON s.key = b.side_key;`,
  },
  {
    name: 'q15',
    answers: 'q15_distinct_filters',
    sql: `CREATE RULE q15 AS SELECT count(*) AS bids, count(*) FILTER (WHERE price < 10000) AS cheap,
        count(DISTINCT bidder) AS bidders, count(DISTINCT auction) AS auctions
      FROM events WHERE "type" = 'bid' WINDOW TUMBLING 1 DAY HAVING bids >= 1 EMIT AT END;`,
  },
  {
    name: 'q16',
    answers: 'q16_channel_stats_top',
    sql: `CREATE RULE q16 AS SELECT channel, count(*) AS bids, count(DISTINCT bidder) AS bidders
      FROM events WHERE "type" = 'bid' GROUP BY channel WINDOW TUMBLING 1 DAY HAVING bids >= 100 EMIT AT END;`,
  },
  {
    // Nexmark keeps the last bid of each pair; the published answer counts the pairs.
    name: 'q18',
    answers: 'q18_last_bid_per_bidder_auction_count',
    sql: `CREATE RULE q18 AS SELECT bidder, auction, last(price) AS last_price, count(*) AS bids
      FROM events WHERE "type" = 'bid' GROUP BY bidder, auction WINDOW TUMBLING 1 DAY HAVING bids >= 1 EMIT AT END;`,
  },
];
