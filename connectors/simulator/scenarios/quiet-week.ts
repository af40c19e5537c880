import { hour_ms, type Scenario } from './scenario.ts';

/** Nothing but the background with all of its look-alikes. */
export const quietWeek: Scenario = {
  name: 'quiet-week',
  summary:
    'a week of background only: VPN, NAT, mobile, travellers, typos, a marketing team, a carrier outage, a product launch',
  found_within_ms: null,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: 0,
  span_ms: 7 * 24 * hour_ms,
  attack: () => [],
};
