-- The one input stream. Its fields are schema v1 of the normalised event: `weir explain --stream events` lists them.
-- LATENESS is the greatest disorder that is accepted: five seconds are enough for agents that ship lines as they are
-- written; what comes later is kept as late and counted, never silently dropped. A detection leaves this much after
-- the event that decided it.
-- SHARING names the tenants whose events rules ACROSS TENANTS may see together: here those of the simulator. Put those of
-- yours there that have agreed to it; all others stay by themselves.
CREATE STREAM events LATENESS 5 SECONDS SHARING TENANTS 'acme.example', 'borealis.example', 'cobalt.example';
