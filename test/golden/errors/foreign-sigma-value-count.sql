title: One address, many users
correlation:
  type: value_count
  rules: failed_login
  group-by: [src_ip]
  timespan: 15m
  condition: { field: user, gte: 10 }
