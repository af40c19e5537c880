logsource:
  product: linux
detection:
  selection:
    event_type: login
  timeframe: 15m
  condition: selection | count() by user > 10
