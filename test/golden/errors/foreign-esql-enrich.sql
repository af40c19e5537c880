FROM logs-* | ENRICH owners ON user.name | EVAL known = owner IS NOT NULL | WHERE NOT CIDR_MATCH(source.ip, "10.0.0.0/8")
