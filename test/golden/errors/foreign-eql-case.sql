authentication where user.name : ("root", "admin*") and not cidrMatch(source.ip, "10.0.0.0/8")
