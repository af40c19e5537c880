CREATE FUNCTION is_bot(agent string) RETURNS bool AS agent ILIKE '%bot%';
CREATE FUNCTION near(address ip, other ip, least float) RETURNS bool AS subnet(address, 24) = subnet(other, 24) AND least > 0;

CREATE RULE r AS
SELECT
  is_bot() AS none,
  is_bot(net.asn) AS number,
  is_bot(actor.ip) AS address,
  is_bot(details.agent) AS open,
  is_bot(DISTINCT platform) AS different,
  is_bott(platform) AS misspelled,
  near(actor.ip, 'here', 1) AS no_address
FROM events
WHERE is_bot(actor_ip);
