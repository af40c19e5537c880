title: Test
action: correlation
type: event_count
