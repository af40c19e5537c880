search index=auth action=success
| join user [search index=auth action=password_reset]
| dedup user
