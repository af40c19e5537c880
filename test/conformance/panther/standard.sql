-- Rules over several platforms at once. The peer's enrichment stands under the path of the address that it was looked up
-- for.

CREATE VIEW located_logins AS
SELECT platform, account_id, timestamp AS login_at,
  coalesce(details.p_enrichment.ipinfo_location['client.ipAddress'].country::string,
    details.p_enrichment.ipinfo_location['client.ip_address'].country::string,
    details.p_enrichment.ipinfo_location['context.client_ip_address'].country::string,
    details.p_enrichment.ipinfo_location['event.ip_address'].country::string,
    details.p_enrichment.ipinfo_location['ip_address'].country::string,
    details.p_enrichment.ipinfo_location['ipaddr'].country::string,
    details.p_enrichment.ipinfo_location['load_ip_address'].country::string,
    details.p_enrichment.ipinfo_location['properties.ipAddress'].country::string,
    details.p_enrichment.ipinfo_location['sourceIPAddress'].country::string) AS country,
  coalesce(details.p_enrichment.ipinfo_location['client.ipAddress'].lat::float,
    details.p_enrichment.ipinfo_location['context.client_ip_address'].lat::float,
    details.p_enrichment.ipinfo_location['event.ip_address'].lat::float,
    details.p_enrichment.ipinfo_location['sourceIPAddress'].lat::float) AS lat,
  coalesce(details.p_enrichment.ipinfo_location['client.ipAddress'].lng::float,
    details.p_enrichment.ipinfo_location['context.client_ip_address'].lng::float,
    details.p_enrichment.ipinfo_location['event.ip_address'].lng::float,
    details.p_enrichment.ipinfo_location['sourceIPAddress'].lng::float) AS lon
FROM events
WHERE event_type = 'login' AND result = 'success'
  OR platform = 'zoom' AND details.type = 'Sign in';

CREATE RULE standard_impossibletravel_login SEVERITY high AS
SELECT l.account_id, distance_km(b.lat, b.lon, l.lat, l.lon) AS km FROM located_logins AS l
JOIN last_logins AS b ON b.account_id = l.account_id
WHERE distance_km(b.lat, b.lon, l.lat, l.lon) > 900 * ((l.login_at - b.seen_at) / 1 HOUR);

CREATE RULE standard_signinfromroguestate SEVERITY medium AS
SELECT account_id, country FROM located_logins WHERE country IN ('CN', 'IR', 'KP', 'RU');
