sequence by user.id with maxspan=1h
  [authentication where event.action == "password_reset"]
  ![authentication where event.action == "mfa_challenge"]
  [authentication where event.outcome == "success"]
