index=auth action=failure
| bucket _time span=15m
| stats count dc(src_ip) AS ips BY user, _time
| where count >= 10
