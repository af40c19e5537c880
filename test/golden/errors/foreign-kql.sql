SigninLogs
| where ResultType != 0
| summarize failures = count() by UserPrincipalName, bin(TimeGenerated, 15m)
| where failures >= 10
