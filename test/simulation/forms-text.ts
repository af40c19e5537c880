import type { Form } from './forms.ts';

/** LIKE by its definition: % is any text, _ one code point, \ takes the next one as it is. */
function isLike(text: readonly string[], [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return text.length === 0;
  if (first === '%') return isLike(text, rest) || (text.length > 0 && isLike(text.slice(1), [first, ...rest]));
  if (text.length === 0) return false;
  if (first === '\\') return text[0] === rest[0] && isLike(text.slice(1), rest.slice(1));
  return (first === '_' || first === text[0]) && isLike(text.slice(1), rest);
}

function distance([a, ...left]: readonly string[], [b, ...right]: readonly string[]): number {
  if (a === undefined) return b === undefined ? 0 : right.length + 1;
  if (b === undefined) return left.length + 1;
  if (a === b) return distance(left, right);
  return 1 + Math.min(distance(left, right), distance(left, [b, ...right]), distance([a, ...left], right));
}

const regex = (pattern: string, flags = 'u') => new RegExp(pattern, flags);
const points = (text: string) => [...text];

function call(name: string): Form['sql'] {
  return (...written) => `${name}(${written.join(', ')})`;
}

/** Functions that take texts. */
export const textForms: Record<string, Form> = {
  join: { takes: ['string', 'string'], gives: 'string', sql: (a, b) => `(${a} || ${b})`, means: joined },
  lower: { takes: ['string'], gives: 'string', sql: call('lower'), means: (a: string) => a.toLowerCase() },
  upper: { takes: ['string'], gives: 'string', sql: call('upper'), means: (a: string) => a.toUpperCase() },
  trim: { takes: ['string'], gives: 'string', sql: call('trim'), means: (a: string) => a.replace(/^\s+|\s+$/gu, '') },
  length: { takes: ['string'], gives: 'int', sql: call('length'), means: (a: string) => points(a).length },
  substr: {
    takes: ['string', 'few', 'few'],
    gives: 'string',
    sql: call('substr'),
    means: (text: string, start: number, length: number) =>
      points(text)
        .filter((_, i) => i + 1 >= start && i + 1 < start + length)
        .join(''),
  },
  substr_rest: {
    takes: ['string', 'few'],
    gives: 'string',
    sql: (a, start) => `substr(${a}, ${start})`,
    means: (text: string, start: number) =>
      points(text)
        .slice(start - 1)
        .join(''),
  },
  split_part: {
    takes: ['string', 'few'],
    gives: 'string',
    sql: (a, n) => `split_part(${a}, '.', ${n})`,
    means: (text: string, n: number) => (n === 0 ? null : (text.split('.')[n - 1] ?? '')),
  },
  starts_with: { takes: ['string', 'string'], gives: 'bool', sql: call('starts_with'), means: startsWith },
  ends_with: {
    takes: ['string', 'string'],
    gives: 'bool',
    sql: call('ends_with'),
    means: (a: string, b: string) =>
      points(a)
        .slice(points(a).length - points(b).length)
        .join('') === b || b === '',
  },
  contains: {
    takes: ['string', 'string'],
    gives: 'bool',
    sql: call('contains'),
    means: (a: string, b: string) => a.split(b).length > 1 || b === '',
  },
  replace: {
    takes: ['string', 'string', 'string'],
    gives: 'string',
    sql: call('replace'),
    means: (a: string, from: string, to: string) => (from === '' ? a : a.split(from).join(to)),
  },
  email_domain: {
    takes: ['string'],
    gives: 'string',
    sql: call('email_domain'),
    means: (a: string) => {
      const [domain, ...local] = a.split('@').reverse() as [string, ...string[]];
      return local.length === 0 || local.join('') === ''
        ? null
        : domain.trim().toLowerCase().replace(/\.$/, '') || null;
    },
  },
  levenshtein: {
    takes: ['string'],
    gives: 'int',
    sql: (a) => `levenshtein(substr(${a}, 1, 6), 'mail')`,
    means: (a: string) => distance(points(a).slice(0, 6), points('mail')),
  },
  like: { takes: ['string', 'like'], gives: 'bool', sql: (a, b) => `(${a} LIKE ${b})`, means: like },
  not_like: {
    takes: ['string', 'like'],
    gives: 'bool',
    sql: (a, b) => `(${a} NOT LIKE ${b})`,
    means: (a: string, b: string) => !like(a, b),
  },
  ilike: {
    takes: ['string', 'like'],
    gives: 'bool',
    sql: (a, b) => `(${a} ILIKE ${b})`,
    means: (a: string, b: string) => like(a.toLowerCase(), b.toLowerCase()),
  },
  matches: {
    takes: ['string', 'regex'],
    gives: 'bool',
    sql: (a, b) => `(${a} ~ ${b})`,
    means: (a: string, b: string) => regex(b).test(a),
  },
  extract_text: {
    takes: ['string', 'regex'],
    gives: 'string',
    sql: call('regexp_extract'),
    means: (a: string, b: string) => {
      const found = regex(b).exec(a);
      return found === null ? null : (found[1] ?? found[0]);
    },
  },
  extract_second: {
    takes: ['string'],
    gives: 'string',
    sql: (a) => `regexp_extract(${a}, '([a-z]+)[.@]([a-z]*)', 2)`,
    means: (a: string) => /([a-z]+)[.@]([a-z]*)/u.exec(a)?.[2] ?? null,
  },
  replace_all: {
    takes: ['string', 'regex'],
    gives: 'string',
    sql: (a, b) => `regexp_replace(${a}, ${b}, '<\\0>')`,
    means: (a: string, b: string) => a.replace(regex(b, 'gu'), '<$&>'),
  },
};

function joined(a: string, b: string): string {
  return [...points(a), ...points(b)].join('');
}

function startsWith(a: string, b: string): boolean {
  return points(a).slice(0, points(b).length).join('') === b;
}

/** Whether a pattern of LIKE fits a text. */
export function like(a: string, b: string): boolean {
  return isLike(points(a), points(b));
}
