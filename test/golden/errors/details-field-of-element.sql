-- details.x.y is a path, and details.x[0] is an element of a list: behind it no path goes on.
CREATE RULE to_aws AS
SELECT account_id FROM events
WHERE details.target.of[0].displayName = 'AWS';
