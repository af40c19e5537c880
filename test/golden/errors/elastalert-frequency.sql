name: many failures
type: frequency
index: auth-*
num_events: 5
timeframe:
  minutes: 15
query_key: user
realert:
  hours: 1
filter:
- term:
    result: fail
