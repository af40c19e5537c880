-- The one input stream. Its fields are schema v1 of the normalised event: `weir explain --stream events` lists them.
-- LATENESS is the greatest disorder that is accepted: five seconds are enough for agents that ship lines as they are
-- written; what comes later is kept as late and counted, never silently dropped. A detection leaves this much after
-- the event that decided it.
-- SHARING names the tenants whose events rules ACROSS TENANTS may see together: here the three of the simulator, whose
-- reserved names no tenant of yours has. Put those of yours in their place that have agreed to it; all others stay by
-- themselves. Without any, remove SHARING TENANTS here and the pack rules/tenants: nothing else needs it.
CREATE STREAM events LATENESS 5 SECONDS SHARING TENANTS 'acme.example', 'borealis.example', 'cobalt.example';
