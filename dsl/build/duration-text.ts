const units: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
];

/** A duration in words, exactly: 5400000 is '1 hour 30 minutes'. */
export function durationText(duration_ms: number): string {
  if (duration_ms < 0) return `-${durationText(-duration_ms)}`;
  let rest = Math.round(duration_ms);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount} ${unit}${amount === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

/** A duration as a rule writes it, in its largest whole unit: 5400000 is '90 MINUTES'. */
export function durationLiteral(duration_ms: number): string {
  const [unit, size] = units.find(([, one]) => duration_ms % one === 0) ?? ['millisecond', 1];
  const whole = duration_ms === 0 ? (['second', 1_000] as const) : ([unit, size] as const);
  const amount = duration_ms / whole[1];
  return `${amount} ${whole[0].toUpperCase()}${amount === 1 ? '' : 'S'}`;
}
