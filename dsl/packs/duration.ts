const unit_ms = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Reads a duration as rule tests write it: '500ms', '60s', '15m', '1h', '1h30m', '2d', '-5m'. Milliseconds, whole; null
 * when it is not one. The number 0 needs no unit.
 */
export function parseDuration(value: unknown): number | null {
  if (value === 0) return 0;
  if (typeof value !== 'string' || !/^-?(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return null;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unit_ms.get(unit) as number);
  }
  if (!Number.isInteger(total) || total > 1e14) return null;
  return value.startsWith('-') ? -total : total;
}

/** The same notation back: 540000 is '9m', 299999 is '4m59s999ms'. */
export function formatOffset(duration_ms: number): string {
  if (duration_ms === 0) return '0s';
  let rest = Math.abs(duration_ms);
  let text = duration_ms < 0 ? '-' : '';
  for (const [unit, size] of [...unit_ms].reverse()) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text;
}
