import type { CalendarSpec, WindowSpec } from '../../engine/index.ts';
import { beginningOf, zoneOf } from '../functions/zone.ts';
import type { WindowPlan } from '../plan/plan.ts';

/** The engine's window of a plan's. Throws on a zone that this machine's rules do not have. */
export function buildWindow(plan: WindowPlan, lookups: readonly { readonly name: string }[] = []): WindowSpec {
  if (plan.kind === 'sliding') return { kind: 'sliding', size_ms: plan.size_ms };
  if (plan.kind === 'session') return { ...plan, size_ms: plan.max_ms ?? plan.gap_ms };
  const { offset_ms, zone, empty_keys, ...aligned } = plan;
  const window =
    empty_keys === undefined
      ? aligned
      : { ...aligned, empty_lookup: lookups.findIndex(({ name }) => name === empty_keys) };
  if (offset_ms === undefined && zone === undefined) return window;
  return { ...window, calendar: buildCalendar(offset_ms ?? 0, zone) };
}

/** Boundaries in a zone come into the engine as a pure function: it knows no zones. */
function buildCalendar(offset_ms: number, name: string | undefined): CalendarSpec {
  if (name === undefined) return { offset_ms, startOf: null };
  const zone = zoneOf(name);
  if (zone === null) throw new Error(`the plan has windows in the time zone '${name}', which is not known here`);
  const startOf: CalendarSpec['startOf'] = (time, step_ms, offset) =>
    beginningOf(zone, time, (local) => Math.floor((local - offset) / step_ms) * step_ms + offset);
  return { offset_ms, startOf };
}
