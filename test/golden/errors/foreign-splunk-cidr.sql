index=auth NOT cidrmatch("10.0.0.0/8", src_ip)
| iplocation src_ip
| top limit=10 Country
