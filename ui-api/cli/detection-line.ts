import type { DetectionRecord } from '../api/service.ts';
import type { Style } from './output.ts';
import type { Cell, TableColumn } from './table.ts';
import { formatTime, type TimeZone } from './units.ts';

const styles: Readonly<Record<string, Style>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'blue',
};

export const detectionColumns: readonly TableColumn[] = [
  { title: 'when' },
  { title: 'severity' },
  { title: 'rule' },
  { title: 'key', may_shrink: true },
  { title: 'what' },
];

const shown_values = 5;
/** Characters of a key, and of what was found. */
const longest_cell = 240;
const shown_elements = 3;

/** A published record as cells of a table. */
export function detectionCells(record: DetectionRecord, zone: TimeZone, parts: 'time' | 'day-time'): Cell[] {
  const severity = textOf(record.severity);
  return [
    formatTime(Date.parse(textOf(record.decided_at)), zone, parts),
    { text: severity, style: styles[severity] ?? 'dim' },
    textOf(record.rule),
    cut(keyText(record.key)),
    cut(`${modeText(record)}${newsText(record)}${whatText(record)}`),
  ];
}

/** A name of thousands of letters would push everything else off the screen; records and JSON have it whole. */
function cut(text: string): string {
  if (text.length <= longest_cell) return text;
  const characters = [...text];
  return characters.length <= longest_cell ? text : `${characters.slice(0, longest_cell - 1).join('')}…`;
}

/** What is kept and is no alert. */
function modeText({ provenance }: DetectionRecord): string {
  return (provenance as { readonly rule_mode?: unknown } | undefined)?.rule_mode === 'shadow' ? 'shadow: ' : '';
}

/** EMIT EARLY: what became of it; the life of a detection: which revision it is. */
function newsText({ timing, status, revision }: DetectionRecord): string {
  if (status === 'withdrawn') return 'withdrawn: ';
  if (timing === 'early') return 'early: ';
  if (status === 'updated' || status === 'closed') return `${status}: `;
  return typeof revision === 'number' && revision > 1 ? 'revised: ' : '';
}

/** The key of a detection as one text: its parts, or nothing for a rule about all events. */
export function keyText(key: unknown): string {
  if (Array.isArray(key)) return key.map(textOf).join(' ');
  if (typeof key === 'object' && key !== null) return Object.values(key).map(textOf).join(' ');
  return textOf(key);
}

/** What was found: the selected values that say more than the key. The record's `reason` says it as a sentence. */
function whatText(record: DetectionRecord): string {
  const key = (record.key ?? {}) as Readonly<Record<string, unknown>>;
  const known = new Set(Object.values(key).map(textOf));
  const values = Object.entries((record.values ?? {}) as Readonly<Record<string, unknown>>);
  const telling = values.filter(([name, value]) => !(name in key) && value !== null && !known.has(textOf(value)));
  return telling
    .slice(0, shown_values)
    .map(([name, value]) => `${name} ${listText(value)}`)
    .join(', ');
}

function listText(value: unknown): string {
  if (!Array.isArray(value)) return textOf(value);
  // Pairs, as top() gives them, need more than a space between them.
  const pairs = value.some(Array.isArray);
  const texts = value
    .slice(0, shown_elements)
    .map((one) => (Array.isArray(one) ? one.map(textOf).join(' ') : textOf(one)));
  const shown = texts.join(pairs ? '; ' : ' ');
  return value.length > shown_elements ? `${shown} …` : shown;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
