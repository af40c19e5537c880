SigninLogs
| make-series failures = count() default=0 on TimeGenerated step 1h by UserPrincipalName
| extend anomalies = series_decompose_anomalies(failures)
