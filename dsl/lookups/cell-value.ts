import { canonicalIp, parseTimestamp, type Value, type ValueType } from '../../engine/index.ts';
import { canonicalCidr } from '../functions/index.ts';
import type { Cell } from './table-text.ts';

/** A value of the column's type, or why it is none. */
export type CellValue = { readonly value: Value } | { readonly why: string; readonly label: string };

const labels: Partial<Record<ValueType, string>> = {
  int: 'an int is written 42',
  float: 'a float is written 0.5',
  bool: 'a bool is true or false',
  timestamp: 'a time is written 2026-12-01T08:00:00Z, 2026-12-01 (its midnight UTC) or in epoch milliseconds',
  ip: 'an address is written 203.0.113.7 or 2001:db8::1',
  cidr: 'a network is written 10.0.0.0/8 or 2001:db8::/32',
};

/** Reads what a file has for a column. NULL is an empty CSV field, `null`, or a column that a JSON object leaves out. */
export function cellValue(cell: Cell | undefined, type: ValueType): CellValue {
  const given = cell?.value;
  if (cell === undefined || given === null) return { value: null };
  if (given === undefined) return { why: 'an object or a list is no value of a column', label: labels[type] ?? '' };
  const value = type === 'string' ? textOf(given) : typed(given, type);
  if (value !== null) return { value };
  const shown = String(given).slice(0, 40);
  return { why: `\`${shown}\` is no ${type}`, label: labels[type] ?? 'a text is written in quotes' };
}

/** A number in JSON is no text: 007 would have become 7. */
function textOf(given: string | number | boolean): string | null {
  return typeof given === 'string' ? given : null;
}

function typed(given: string | number | boolean, type: ValueType): Value {
  const text = typeof given === 'string' ? given.trim() : given;
  switch (type) {
    case 'int': {
      const number = typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text;
      return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : null;
    }
    case 'float': {
      const isNumber = typeof text === 'string' && /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
      const number = isNumber ? Number(text) : text;
      return typeof number === 'number' && Number.isFinite(number) ? number + 0 : null;
    }
    case 'bool':
      // As x::bool reads it, and as spreadsheets write it: TRUE.
      return /^true$/i.test(String(text)) ? true : /^false$/i.test(String(text)) ? false : null;
    case 'timestamp':
      return timeOf(text);
    case 'ip':
      return typeof text === 'string' ? canonicalIp(text) : null;
    case 'cidr':
      return typeof text === 'string' ? canonicalCidr(text) : null;
    default:
      return null;
  }
}

/** Also a date alone, which is its midnight in UTC, and the digits of epoch milliseconds. */
export function timeOf(given: string | number | boolean): number | null {
  if (typeof given === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(given)) return parseTimestamp(`${given}T00:00:00Z`);
  if (typeof given === 'string' && /^-?\d{5,}$/.test(given)) return parseTimestamp(Number(given));
  return parseTimestamp(given);
}
