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

CREATE RULE twice_one_name AS
SELECT account_id, x FROM events CROSS JOIN UNNEST(details.a) AS t(x) CROSS JOIN UNNEST(details.b) AS u(x);

CREATE RULE of_which_side AS
SELECT a.account_id, x FROM events AS a JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id
CROSS JOIN UNNEST(details.tags) AS t(x);

CREATE RULE of_two_sides AS
SELECT a.account_id, x FROM events AS a JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id
CROSS JOIN UNNEST(coalesce(a.details.tags::array, b.details.tags::array)) AS t(x);

CREATE RULE of_the_missing AS
SELECT a.account_id, x FROM events AS a LEFT JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id
CROSS JOIN UNNEST(b.details.tags) AS t(x);

CREATE RULE a_side_is_called_so AS
SELECT a.account_id FROM events AS a JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id
CROSS JOIN UNNEST(b.details.tags) AS a(tag);

CREATE RULE element_without_side AS
SELECT tag FROM events AS a JOIN events AS b WITHIN 1 HOUR ON b.account_id = a.account_id
CROSS JOIN UNNEST(b.details.tags) AS t(tag) WHERE b.tags = 'x';

CREATE RULE in_exists AS
SELECT account_id FROM events AS e WHERE EXISTS (
  SELECT 1 FROM events AS s CROSS JOIN UNNEST(s.details.tags) AS t(tag) WHERE tags = e.account_id WITHIN 1 HOUR
);

CREATE RULE number_of_text AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.ports) AS t(port) WHERE port > 1024;

CREATE RULE other_name AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE t.tags = 'x';

CREATE RULE null_array AS
SELECT account_id, x FROM events CROSS JOIN UNNEST(NULL) AS t(x);
