import type { OperatorPlan } from '../plan/plan.ts';

/** What an answer about one event says however it ends: there is no key, no funnel and no window but the moment. */
export function atEvent({ name, kind, hash }: OperatorPlan, tenant: string, at_ms: number) {
  return {
    ...{ rule: name, kind, plan_hash: hash, tenant, key: null, funnel: [], just_missed: [] },
    window: { kind: 'event' as const, from_ms: at_ms, to_ms: at_ms },
  };
}
