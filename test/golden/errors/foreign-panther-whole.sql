import re
from ipaddress import ip_address, ip_network

def rule(event):
    return bool(re.search("curl|wget", event.get("userAgent", ""))) and ip_address(event.get("ip")) not in ip_network("10.0.0.0/8")

def title(event):
    return f"Tool used by {event.get('user')}"

def severity(event):
    return "HIGH"

def dedup(event):
    return event.get("user")
