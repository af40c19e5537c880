SigninLogs
| where IPAddress in (_GetWatchlist('scanners')) or ipv4_is_in_range(IPAddress, "10.0.0.0/8")
| mv-expand Roles
