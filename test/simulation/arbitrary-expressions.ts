import fc from 'fast-check';
import type { Condition, Scalar } from './case.ts';
import { type FormType, forms } from './forms.ts';

/** What there is to read, by type: names of columns, and whole expressions that read some. */
export type Columns = Partial<Record<FormType, readonly (string | Condition)[]>>;

export const ofEvents: Columns = {
  string: ['nm', 'nm', 'k1', 'k2', 'ip', 'res', 'type'],
  int: ['x'],
  float: ['fl'],
  bool: ['bo'],
  timestamp: ['ts', 'timestamp'],
  ip: ['ad'],
};

/** Columns that the views of windows, of joins and of UNION ALL have in common. */
export const ofViews: Columns = { string: ['k1', 'fi', 'any'], int: ['n', 's'] };

const literals: Partial<Record<FormType, readonly Scalar[]>> = {
  string: ['a', 'b', 'm', 'ok', 'No', '', 'mail.example', '17', 'SVC_Backup', "it's", '😀', '～', 'Ü'],
  int: [-2, 0, 1, 2, 3, 60, 9007199254740991, -4503599627370497],
  float: [0.5, -1.25, 0.1, 3.5, 1000.5],
  bool: [true, false],
  like: ['%', 'm%', '%.example', '_', 'a%b', 'SVC\\_%', '%i_', 'ok', '%ü%', '__', 'a\\%b%'],
  regex: ['^svc_', '[0-9]+', 'a|i', '\\.', '^$', '.', 'l$', '([a-z]+)\\.([a-z]+)', '^[^a-m]'],
  zone: [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Sao_Paulo',
    'America/Havana',
  ],
  network: ['10.0.0.0/8', '203.0.113.0/24', '2001:db8::/32', '0.0.0.0/0', '192.168.7.1/32', '10.1.0.0/17', '::/0'],
  few: [1, 2, 3, 4],
};

const given = new Map<string, fc.Arbitrary<Condition>>();

/** An expression of the type that reads some column: what is made of literals alone the compiler computes. */
export function expression(type: FormType, columns: Columns, depth: number): fc.Arbitrary<Condition> {
  const name = JSON.stringify([type, columns, depth]);
  const known = given.get(name) ?? made(type, columns, depth);
  given.set(name, known);
  return known;
}

function made(type: FormType, columns: Columns, depth: number): fc.Arbitrary<Condition> {
  const names = columns[type] ?? [];
  const leaves =
    names.length === 0
      ? []
      : [fc.constantFrom(...names).map((one): Condition => (typeof one === 'string' ? ['f', one] : one))];
  if (depth <= 0) return fc.oneof(...leaves);
  const calls = [...forms].flatMap(([name, { takes, gives }]) => {
    const canCall =
      gives === type &&
      takes.every((one, i) => (i > 0 && literals[one] !== undefined) || canRead(one, columns, depth - 1));
    return canCall ? [call(name, takes, columns, depth - 1)] : [];
  });
  const choices =
    canRead(type, columns, depth - 1) && canRead('bool', columns, depth - 1) ? [choice(type, columns, depth - 1)] : [];
  return fc.oneof(...leaves, ...leaves, ...calls, ...choices);
}

/** Whether something of so few calls gives the type. */
function canRead(type: FormType, columns: Columns, depth: number): boolean {
  if (columns[type] !== undefined) return true;
  if (depth <= 0) return false;
  return [...forms.values()].some(
    ({ takes, gives }) =>
      gives === type &&
      takes.every((one, i) => (i > 0 && literals[one] !== undefined) || canRead(one, columns, depth - 1)),
  );
}

/** A literal of the type, where there is one, or what reads a column. */
function argument(type: FormType, columns: Columns, depth: number): fc.Arbitrary<Condition> {
  const own = literals[type];
  const literal = own === undefined ? [] : [fc.constantFrom(...own).map((value): Condition => ['v', value])];
  const read = canRead(type, columns, depth) ? [expression(type, columns, depth)] : [];
  return fc.oneof(...literal, ...read);
}

function call(name: string, takes: readonly FormType[], columns: Columns, depth: number): fc.Arbitrary<Condition> {
  const [first, ...rest] = takes as [FormType, ...FormType[]];
  return fc
    .tuple(expression(first, columns, depth), ...rest.map((type) => argument(type, columns, depth)))
    .map((parts): Condition => ['call', name, ...parts]);
}

function choice(type: FormType, columns: Columns, depth: number): fc.Arbitrary<Condition> {
  const branch = fc.tuple(expression('bool', columns, depth), argument(type, columns, depth));
  const otherwise = fc.oneof(expression(type, columns, depth), argument(type, columns, depth));
  return fc
    .tuple(branch, fc.option(branch, { freq: 2 }), otherwise)
    .map(([one, two, last]): Condition => ['case', ...one, ...(two ?? []), last]);
}
