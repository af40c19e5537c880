rule many_failures {
  events:
    $e.metadata.event_type = "USER_LOGIN"
  match:
    $user over 15m
  condition:
    #e > 10
}
