CREATE RULE header
  TITLE '{account_id}: {n} from {ip}' DESCRIPTION 'It''s
over two lines' RUNBOOK 'https://example.com/runbook' TAGS 'auth', 'beta' REFERENCES 'https://example.com/a'
  MODE live SEVERITY critical CONFIDENCE 1 ATTACK 'T1110', 'TA0006'
  PARAM factor float = 1.5 IN 0.5 TO 9 PARAM kind string = 'login' PARAM span duration = 15 MINUTES
  PARAM strict bool = TRUE PARAM floor int = -5
AS
SELECT account_id, last(actor.ip) AS ip, count(*) AS n
FROM events
WHERE event_type = :kind AND :strict AND net.asn > :floor AND timestamp - :span > '2020-01-01T00:00:00Z'
GROUP BY account_id WINDOW SLIDING 1 HOUR
HAVING n >= 10 * :factor;
