import type { Value } from '../../engine/index.ts';
import { bounds } from './bounds.ts';
import { codePointCount, sliceCodePoints } from './code-points.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { replaceText, splitPart } from './text-parts.ts';
import { emailDomain, urlHost } from './text-sources.ts';

/** A function of one text that gives a text. */
function textFunction(
  name: string,
  evaluate: (text: string) => Value,
  summary: string,
  example: ScalarFunction['example'],
): ScalarFunction {
  return define({
    ...{ name, signature: `${name}(text)`, group: 'string', parameters: ['string'], result: 'string' },
    ...{ evaluate: ([text]: readonly Value[]) => evaluate(text as string), summary, example },
  });
}

/** A condition on a text and a part of it. */
function partCondition(
  name: string,
  holds: (text: string, part: string) => boolean,
  summary: string,
  example: ScalarFunction['example'],
): ScalarFunction {
  return define({
    ...{ name, signature: `${name}(text, part)`, group: 'string', parameters: ['string', 'string'], result: 'bool' },
    ...{ evaluate: ([text, part]: readonly Value[]) => holds(text as string, part as string), summary, example },
  });
}

const concatenate = define({
  name: '||',
  signature: 'a || b',
  group: 'string',
  parameters: ['string', 'string'],
  result: 'string',
  evaluate: ([a, b]) => {
    const length = (a as string).length + (b as string).length;
    return length > bounds.text_units ? null : `${a}${b}`;
  },
  summary: 'The two texts one after the other; NULL when one is NULL (coalesce it where that is not wanted).',
  example: { text: "'acct_' || '17'", value: 'acct_17' },
});

const length = define({
  name: 'length',
  signature: 'length(text)',
  group: 'string',
  parameters: ['string'],
  result: 'int',
  evaluate: ([text]) => codePointCount(text as string),
  summary: 'Number of code points.',
  example: { text: "length('Zoë😀')", value: 4 },
});

const substr = define({
  name: 'substr',
  signature: 'substr(text, start [, length])',
  group: 'string',
  parameters: ['string', 'int', 'int'],
  required: 2,
  result: 'string',
  evaluate: ([text, start, count]) => {
    if (count !== undefined && (count as number) < 0) return null;
    const from = (start as number) - 1;
    return sliceCodePoints(text as string, from, count === undefined ? Infinity : from + (count as number));
  },
  check: ([, , count]) => (typeof count === 'number' && count < 0 ? 'a length cannot be negative' : null),
  summary: 'Part of a text from a place on, in code points; the first place is 1.',
  example: { text: "substr('account', 3, 4)", value: 'coun' },
});

const splitPartFunction = define({
  name: 'split_part',
  signature: 'split_part(text, delimiter, n)',
  group: 'string',
  parameters: ['string', 'string', 'int'],
  result: 'string',
  evaluate: ([text, delimiter, n]) => splitPart(text as string, delimiter as string, n as number),
  check: ([, delimiter, n]) => {
    if (delimiter === '') return 'the delimiter is empty';
    return n === 0 ? 'parts count from 1, or from -1 at the end' : null;
  },
  summary: "The n-th part (from 1; -1 is the last) between delimiters; '' where there is none, as in PostgreSQL.",
  example: { text: "split_part('a.b.c', '.', 2)", value: 'b' },
});

const replace = define({
  name: 'replace',
  signature: 'replace(text, from, to)',
  group: 'string',
  parameters: ['string', 'string', 'string'],
  result: 'string',
  evaluate: ([text, from, to]) => replaceText(text as string, from as string, to as string),
  summary: 'Every occurrence of one text replaced by another.',
  example: { text: "replace('a-b-c', '-', '.')", value: 'a.b.c' },
});

/** Texts. Patterns stand in pattern.ts, likeness in similarity.ts. */
export const stringFunctions: readonly ScalarFunction[] = [
  concatenate,
  textFunction('lower', (text) => text.toLowerCase(), 'In lower case, by Unicode, whatever the locale.', {
    text: "lower('Ünal')",
    value: 'ünal',
  }),
  textFunction('upper', (text) => text.toUpperCase(), 'In upper case, by Unicode, whatever the locale.', {
    text: "upper('acct')",
    value: 'ACCT',
  }),
  textFunction('trim', (text) => text.trim(), 'Without white space at both ends.', {
    text: "trim('  a b ')",
    value: 'a b',
  }),
  length,
  substr,
  splitPartFunction,
  partCondition('starts_with', (text, part) => text.startsWith(part), 'Whether the text begins with the part.', {
    text: "starts_with('svc_backup', 'svc_')",
    value: true,
  }),
  partCondition('ends_with', (text, part) => text.endsWith(part), 'Whether the text ends with the part.', {
    text: "ends_with('a@example.com', '.org')",
    value: false,
  }),
  partCondition('contains', (text, part) => text.includes(part), 'Whether the part stands somewhere in the text.', {
    text: "contains('HeadlessChrome/120', 'Headless')",
    value: true,
  }),
  replace,
  textFunction('email_domain', emailDomain, 'What stands behind the last @, in lower case; NULL where there is none.', {
    text: "email_domain('Kim@Mail.Example')",
    value: 'mail.example',
  }),
  textFunction(
    'url_host',
    urlHost,
    'The host of a URL as a browser reads it (lower case, IDNA); https:// may be missing; NULL for what is no URL.',
    { text: "url_host('https://user@Login.Example:8443/a?b')", value: 'login.example' },
  ),
];
