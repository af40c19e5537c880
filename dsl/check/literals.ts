import type { Value, ValueType } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import type { DurationNode, NumberNode } from '../syntax/tree.ts';
import type { Checked } from './checked.ts';

type Literal = Extract<Checked, { kind: 'literal' }>;

export function literal(type: ValueType, value: Value, span: Span): Literal {
  return { kind: 'literal', type, value, span };
}

/** An int where no point or exponent is written, else a float. */
export function numberLiteral({ digits, span }: NumberNode): Literal {
  const value = Number(digits);
  if (/^-?\d+$/.test(digits)) {
    if (!Number.isSafeInteger(value)) {
      refuse({
        code: 'W0205',
        span,
        message: `${digits} is beyond the integers that are exact`,
        label: 'integers go to 9007199254740991 (2^53 - 1)',
        hints: [`identifiers that long are texts: '${digits}'`],
      });
    }
    return literal('int', value + 0, span);
  }
  if (!Number.isFinite(value)) refuse({ code: 'W0204', span, message: `${digits} is too large for a number` });
  return literal('float', value + 0, span);
}

const unit_ms: ReadonlyMap<string, number> = new Map([
  ['MILLISECOND', 1],
  ['SECOND', 1_000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
  ['WEEK', 604_800_000],
]);

/** Milliseconds of a written duration; a fraction of a millisecond is refused, and units without a fixed length. */
export function durationMs({ digits, unit, span }: DurationNode): number {
  const factor = unit_ms.get(unit.toUpperCase().replace(/S$/, ''));
  if (factor === undefined) {
    refuse({
      code: 'W0204',
      span,
      message: `${unit.toUpperCase()} has no fixed length`,
      label: `write ${(Number(digits) || 1) * (/^MONTH/i.test(unit) ? 30 : 365)} DAYS`,
    });
  }
  const value = Number(digits) * factor;
  if (value > Number.MAX_SAFE_INTEGER) {
    refuse({
      code: 'W0204',
      span,
      message: `${digits} ${unit} is too long`,
      label: `at most ${Math.floor(Number.MAX_SAFE_INTEGER / factor)} ${unit.toUpperCase()}`,
    });
  }
  if (digits.trim() === '' || !Number.isSafeInteger(value)) {
    refuse({
      code: 'W0204',
      span,
      message: `${digits} ${unit} is not a whole number of milliseconds`,
      label: 'write a number and a unit: 15 MINUTES',
    });
  }
  return value + 0;
}

/** A text as the value of another type (an address, a time), as a cast reads it; refused when it is none. */
export function textAs(type: 'ip' | 'timestamp', text: Literal): Literal {
  if (text.value === null) return literal(type, null, text.span);
  const value = functions.get(`cast_${type}`)?.evaluate([text.value]) ?? null;
  if (value !== null) return literal(type, value, text.span);
  const label =
    type === 'ip'
      ? "an address is written '203.0.113.7' or '2001:db8::1', a network '10.0.0.0/8'"
      : /^\d{4}-\d\d-\d\d$/.test(text.value as string)
        ? `at which hour? its midnight UTC is '${text.value}T00:00:00Z'`
        : "a time is written '2026-12-01T08:00:00Z'";
  refuse({
    code: 'W0204',
    span: text.span,
    message: `'${String(text.value)}' is no ${type === 'ip' ? 'address' : 'time'}`,
    label,
  });
}

/** Whether this is a text literal: the only thing that takes another type from what it is compared with. */
export function isText(expression: { readonly kind: string }): expression is Literal & { value: string } {
  const { kind, type, value } = expression as Literal;
  return kind === 'literal' && type === 'string' && typeof value === 'string';
}
