FROM logs-auth
| GROK message "%{IP:ip} %{WORD:method}"
| MV_EXPAND tags
| LIMIT 100
