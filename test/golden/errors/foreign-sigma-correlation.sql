title: Many failed logins
correlation:
  type: event_count
  rules: failed_login
  group-by: [user]
  timespan: 15m
  condition: { gte: 10 }
