import type { Snapshot } from '../../engine/index.ts';

type Small = Uint8Array | Uint16Array | Uint32Array;

type Packed =
  | { readonly form: 'plain'; readonly values: Float64Array }
  | { readonly form: 'steps'; readonly first: number; readonly steps: Small }
  | { readonly form: 'offsets'; readonly least: number; readonly offsets: Small }
  | { readonly form: 'coded'; readonly values: Float64Array; readonly codes: Small };

/**
 * Numbers in the smallest of a few forms, exactly:
 *   steps     whole numbers that never fall: the first one, and how far each is behind the one before
 *   offsets   whole numbers: the least one, and how far each is above it
 *   coded     few different values: those, and which of them each is
 *   plain     all others
 */
export function packNumbers(values: Float64Array): Snapshot {
  if (!values.every(isWhole)) return coded(values);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let widest = 0;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]);
    greatest = Math.max(greatest, values[i]);
    const step = i === 0 ? 0 : values[i] - values[i - 1];
    widest = step < 0 ? Number.POSITIVE_INFINITY : Math.max(widest, step);
  }
  if (values.length === 0) return { form: 'plain', values };
  const byStep = smallFor(widest, values.length);
  const byOffset = smallFor(greatest - least, values.length);
  if (byStep !== null && (byOffset === null || byStep.BYTES_PER_ELEMENT <= byOffset.BYTES_PER_ELEMENT)) {
    for (let i = 1; i < values.length; i++) byStep[i] = values[i] - values[i - 1];
    return { form: 'steps', first: values[0], steps: byStep };
  }
  if (byOffset === null) return coded(values);
  for (let i = 0; i < values.length; i++) byOffset[i] = values[i] - least;
  return { form: 'offsets', least, offsets: byOffset };
}

/** What packNumbers() was given; of some places alone, where these are said, which rise or stay. */
export function unpackNumbers(packed: Snapshot, places?: Int32Array): Float64Array {
  const from = packed as unknown as Packed;
  const count = places?.length ?? lengthOf(from);
  const values = from.form === 'plain' && places === undefined ? from.values : new Float64Array(count);
  switch (from.form) {
    case 'plain':
      if (places !== undefined) for (let i = 0; i < count; i++) values[i] = from.values[places[i]];
      break;
    case 'steps':
      if (places === undefined) sum(from.first, from.steps, values);
      else sumAt(from.first, from.steps, places, values);
      break;
    case 'offsets':
      for (let i = 0; i < count; i++) values[i] = from.least + from.offsets[places === undefined ? i : places[i]];
      break;
    case 'coded':
      for (let i = 0; i < count; i++) values[i] = from.values[from.codes[places === undefined ? i : places[i]]];
  }
  return values;
}

function lengthOf(from: Packed): number {
  if (from.form === 'plain') return from.values.length;
  if (from.form === 'steps') return from.steps.length;
  return from.form === 'offsets' ? from.offsets.length : from.codes.length;
}

function sum(first: number, steps: Small, into: Float64Array): void {
  for (let i = 0, at = first; i < into.length; i++) {
    at += steps[i];
    into[i] = at;
  }
}

/** Each step is added once, and a number is kept where it is asked for. */
function sumAt(first: number, steps: Small, places: Int32Array, into: Float64Array): void {
  let at = first;
  let next = 0;
  for (let i = 0; i < places.length; i++) {
    if (next <= places[i]) at += sumOf(steps, next, places[i] + 1);
    next = places[i] + 1;
    into[i] = at;
  }
}

/** So many numbers of two bytes stay within 31 bits. */
const added_at_once = 2 ** 15;

/** Small numbers are added as such, several times as fast as floats. */
function sumOf(steps: Small, begin: number, end: number): number {
  let sum = 0;
  if (steps instanceof Uint32Array) {
    for (let i = begin; i < end; i++) sum += steps[i];
    return sum;
  }
  for (let from = begin; from < end; from += added_at_once) {
    const to = Math.min(end, from + added_at_once);
    let some = 0;
    for (let i = from; i < to; i++) some = (some + steps[i]) | 0;
    sum += some;
  }
  return sum;
}

/** -0 is not among them: a difference would lose its sign. */
function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function smallFor(most: number, length: number): Small | null {
  if (most < 2 ** 8) return new Uint8Array(length);
  if (most < 2 ** 16) return new Uint16Array(length);
  return most < 2 ** 32 ? new Uint32Array(length) : null;
}

function coded(values: Float64Array): Snapshot {
  const codes = new Uint16Array(values.length);
  const codeOf = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    if (Object.is(values[i], -0)) return { form: 'plain', values };
    const code = codeOf.get(values[i]) ?? codeOf.size;
    if (code === 2 ** 16) return { form: 'plain', values };
    codeOf.set(values[i], code);
    codes[i] = code;
  }
  const isSmall = codeOf.size <= 2 ** 8;
  return { form: 'coded', values: Float64Array.from(codeOf.keys()), codes: isSmall ? Uint8Array.from(codes) : codes };
}
