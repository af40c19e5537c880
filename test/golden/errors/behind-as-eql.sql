CREATE RULE r SEVERITY low AS
sequence by user.id with maxspan=15m
  [authentication where event.outcome == "failure"] with runs=10
  [authentication where event.outcome == "success"]
