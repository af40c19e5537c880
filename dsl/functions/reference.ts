import type { Value, ValueType } from '../../engine/index.ts';
import { type AggregateHelp, aggregateHelp } from './aggregate-help.ts';
import { type FormHelp, forms } from './forms.ts';
import type { ScalarFunction } from './function.ts';

/** One entry of the reference, whatever kind it is: `weir functions` and the page are made of these. */
export interface ReferenceEntry {
  readonly name: string;
  readonly signature: string;
  readonly group: string;
  readonly summary: string;
  /** What it says about NULL arguments. */
  readonly nulls: string;
  /** null for one that a rule file declares. `shown`: the value as a reader reads it. */
  readonly example: { readonly text: string; readonly value: unknown; readonly shown: string } | null;
}

const usual = 'NULL when an argument is NULL';
const own = 'looks at NULL arguments itself';
/** What a row of the page need not repeat: it stands at the top, or in the summary. */
const said: ReadonlySet<string> = new Set([usual, own]);

function scalarEntry({ result, ...definition }: ScalarFunction): ReferenceEntry {
  const { name, signature, group, summary, null_on_null, example, parameters } = definition;
  const isTime = result(parameters as readonly ValueType[]) === 'timestamp' && typeof example.value === 'number';
  const shown = isTime ? `'${new Date(example.value as number).toISOString()}'` : written(example.value);
  const nulls = null_on_null ? usual : own;
  return { name, signature, group, summary, nulls, example: { ...example, shown } };
}

function formEntry({ example, ...form }: FormHelp): ReferenceEntry {
  return { ...form, group: 'condition', example: { ...example, shown: written(example.value) } };
}

function aggregateEntry({ example, ...aggregate }: AggregateHelp): ReferenceEntry {
  const over = example.x.map((value) => (value === null ? 'NULL' : String(value))).join(', ');
  const shown = { text: `${example.text} over ${over}`, value: example.value, shown: written(example.value) };
  return { ...aggregate, group: 'aggregate', example: shown };
}

function written(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'boolean' ? String(value).toUpperCase() : JSON.stringify(value satisfies unknown as Value);
}

/** Every form, function, operator and aggregate of the language. */
export function referenceOf(functions: Iterable<ScalarFunction>): ReferenceEntry[] {
  return [...forms.map(formEntry), ...[...functions].map(scalarEntry), ...aggregateHelp.map(aggregateEntry)];
}

const titles: ReadonlyMap<string, string> = new Map([
  ['condition', 'Conditions'],
  ['comparison', 'Comparisons'],
  ['number', 'Numbers and times'],
  ['string', 'Texts'],
  ['ip', 'Addresses'],
  ['time', 'Parts of a time'],
  ['conversion', 'Casts'],
  ['array', 'Arrays'],
  ['conditional', 'Choices'],
  ['aggregate', 'Aggregates'],
]);

const head = `# Functions, operators and aggregates

Printed from the code by \`npm run reference\`; a test says when this page is not current, and another runs every example.
\`weir functions NAME\` shows one of them. A function is NULL when an argument is NULL, where nothing else is said; a cast
that fails, a division by zero and an integer beyond 2^53 are NULL. Failed casts and results beyond their type are counted: a
backtest's summary, \`GET /v1/status\` and \`/v1/metrics\` name the rule and the expression.
`;

/** The page of the reference as Markdown. */
export function referencePage(entries: readonly ReferenceEntry[]): string {
  const groups = [...Map.groupBy(entries, ({ group }) => group)];
  const parts = groups.map(([group, members]) => {
    const note = group === 'aggregate' ? 'Each takes `FILTER (WHERE condition)`; `x` stands for a column.\n\n' : '';
    return `## ${titles.get(group) ?? group}\n\n${note}${tableOf(members)}`;
  });
  return `${[head, ...parts].join('\n')}`;
}

function tableOf(entries: readonly ReferenceEntry[]): string {
  const rows = entries.map(({ signature, summary, nulls, example }) => {
    const meaning = said.has(nulls) ? summary : `${summary} ${sentence(nulls)}`;
    const shown = example === null ? '' : `${code(example.text)} is ${code(example.shown)}`;
    return `| ${formsIn(signature).map(code).join(', ')} | ${cell(meaning)} | ${shown} |`;
  });
  return ['| form | meaning | example |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** The forms of a signature: at commas that stand in no brackets. */
function formsIn(signature: string): string[] {
  let depth = 0;
  const parts = [''];
  for (const character of signature) {
    if ('(['.includes(character)) depth++;
    else if (')]'.includes(character)) depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function sentence(text: string): string {
  return `${/^[a-z]+\(/.test(text) ? text.slice(0, 1) : text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell, also in code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
