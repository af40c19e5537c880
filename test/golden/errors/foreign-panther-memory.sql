from panther_oss_helpers import get_string_set, put_string_set

def rule(event):
    seen = get_string_set(event.get("user"))
    return event.get("country") not in seen

def unique(event):
    return event.get("ip")
