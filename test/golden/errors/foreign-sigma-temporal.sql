title: Guessed, then in
correlation:
  type: temporal_ordered
  rules: [failed_login, successful_login]
  group-by: [user]
  timespan: 15m
