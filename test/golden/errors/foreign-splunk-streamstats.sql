sourcetype=auth action=failure NOT [| inputlookup scanners.csv]
| streamstats time_window=15m dc(user) AS users BY src_ip
| where users > 10
