CREATE RULE r SEVERITY low AS
title: Many failed logins
logsource:
  product: linux
detection:
  selection:
    event_type: login
    result: fail
  condition: selection
