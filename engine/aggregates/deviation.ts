/**
 * The sample standard deviation (divided by n - 1) of numbers in total order; null over fewer than two, and where it is
 * no finite number. Whole numbers whose sums stay exact give the correctly rounded quotient of exact sums, so that a
 * threshold means what it says; others go through Welford's recurrence (1962), which loses nothing to a large mean.
 */
export function sampleDeviation(values: Float64Array, count: number): number | null {
  if (count < 2) return null;
  const deviation = Math.sqrt(exactVariance(values, count) ?? welfordVariance(values, count));
  return Number.isFinite(deviation) ? deviation : null;
}

/** (n * sum of squares - square of the sum) / (n * (n - 1)) of the distances from the first value; null where it is not exact. */
function exactVariance(values: Float64Array, count: number): number | null {
  const [origin] = values;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const distance = values[i] - origin;
    sum += distance;
    squares += distance * distance;
    if (!Number.isSafeInteger(values[i]) || !Number.isSafeInteger(squares)) return null;
  }
  const scaled = count * squares;
  const square = sum * sum;
  if (!Number.isSafeInteger(scaled) || !Number.isSafeInteger(square)) return null;
  return (scaled - square) / (count * (count - 1));
}

function welfordVariance(values: Float64Array, count: number): number {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const distance = values[i] - mean;
    mean += distance / (i + 1);
    squares += distance * (values[i] - mean);
  }
  return squares / (count - 1);
}
