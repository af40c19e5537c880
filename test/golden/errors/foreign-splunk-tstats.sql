| tstats count from datamodel=Authentication where Authentication.action=failure by Authentication.user, _time span=15m
| where count >= 10
