import type { Detection } from '../detection.ts';
import type { OperatorSpec } from '../program.ts';
import { isoTime, toText } from './json-value.ts';
import type { NamedValue } from './record.ts';

/** More than these do not make a sentence. */
const most_values = 6;

/**
 * One sentence that says what was found: the values of the rule's columns, of which key, in which window.
 * `failures 12, addresses 3 for account_id mara within 10 minutes up to 2026-03-01T10:15:00.250Z`.
 */
export function reasonOf(
  operator: OperatorSpec,
  detection: Detection,
  key: readonly NamedValue[],
  values: readonly NamedValue[],
): string {
  const keyNames = new Set(key.map(({ name }) => name));
  const shown = values.filter(({ name }) => !keyNames.has(name)).slice(0, most_values);
  const parts = [listing(shown)];
  if (key.length > 0) parts.push(shown.length > 0 ? `for ${listing(key)}` : listing(key));
  parts.push(when(operator, detection));
  return parts.filter((part) => part !== '').join(' ');
}

function listing(values: readonly NamedValue[]): string {
  return values.map((value) => `${value.name} ${toText(value)}`).join(', ');
}

function when(operator: OperatorSpec, { window, decided_at }: Detection): string {
  if (window === null) return `at ${isoTime(decided_at)}`;
  if (operator.window?.kind === 'sliding') {
    return `within ${durationText(window.end - window.start)} up to ${isoTime(window.end)}`;
  }
  return `from ${isoTime(window.start)} to before ${isoTime(window.end)}`;
}

const units = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
  { name: 'millisecond', ms: 1 },
];

/** In the largest unit that it is a whole number of: '10 minutes', '1 day', '90 seconds'. */
function durationText(duration_ms: number): string {
  const unit = units.find(({ ms }) => duration_ms % ms === 0 && duration_ms >= ms) ?? units[units.length - 1];
  const count = duration_ms / unit.ms;
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}
