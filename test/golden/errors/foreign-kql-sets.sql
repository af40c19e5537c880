SigninLogs
| where ResultType != 0 and UserPrincipalName !~ "admin"
| summarize failures = countif(ResultType == 50126), ips = dcount(IPAddress), seen = make_set(IPAddress) by UserPrincipalName
