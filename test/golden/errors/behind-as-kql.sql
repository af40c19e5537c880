CREATE RULE r SEVERITY low AS
let threshold = 10;
SigninLogs
| where TimeGenerated > ago(1h) and ResultType == 0
| join kind=leftanti (AuditLogs | where OperationName has "mfa") on UserPrincipalName
| summarize arg_max(TimeGenerated, IPAddress) by UserPrincipalName
