title: Suspicious agent
logsource:
  category: webserver
detection:
  selection_agent:
    user_agent|contains|all:
      - 'curl'
      - 'bot'
    path|startswith: '/admin'
  selection_net:
    src_ip|cidr: '203.0.113.0/24'
    query|re: '.*union.*'
  condition: 1 of selection_*
