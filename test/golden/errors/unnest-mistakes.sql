CREATE RULE no_array AS
SELECT account_id, x FROM events CROSS JOIN UNNEST(account_id) AS t(x);

CREATE RULE no_such_field AS
SELECT account_id, x FROM events CROSS JOIN UNNEST(tags) AS t(x);

CREATE RULE hidden_field AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.ids) AS t(account_id);

CREATE RULE no_element_name AS
SELECT account_id, tag FROM events CROSS JOIN UNNEST(details.tags) AS tag;

CREATE RULE no_name AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.tags) WHERE event_type = 'login';

CREATE RULE two_of_them AS
SELECT account_id, x, y FROM events CROSS JOIN UNNEST(details.a) AS t(x) CROSS JOIN UNNEST(details.b) AS u(y);

CREATE RULE with_a_join AS
SELECT a.account_id, x FROM events AS a CROSS JOIN UNNEST(a.details.tags) AS t(x)
JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id;

CREATE RULE number_of_text AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.ports) AS t(port) WHERE port > 1024;

CREATE RULE other_name AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE t.tags = 'x';

CREATE RULE null_array AS
SELECT account_id, x FROM events CROSS JOIN UNNEST(NULL) AS t(x);
