FROM logs-auth*
| WHERE event.outcome == "failure" AND @timestamp > NOW() - 15 minutes
| STATS failures = COUNT(*), ips = COUNT_DISTINCT(source.ip) BY user.name, BUCKET(@timestamp, 5 minutes)
| WHERE failures >= 10
| SORT failures DESC
