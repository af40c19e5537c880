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

/** A published record as cells of a table. */
export function detectionCells(record: DetectionRecord, zone: TimeZone, parts: 'time' | 'day-time'): Cell[] {
  const severity = textOf(record.severity);
  return [
    formatTime(Date.parse(textOf(record.decided_at)), zone, parts),
    { text: severity, style: styles[severity] ?? 'dim' },
    textOf(record.rule),
    keyText(record.key),
    textOf(record.reason),
  ];
}

/** The key of a detection as one text: its parts, or nothing for a rule about all events. */
export function keyText(key: unknown): string {
  if (Array.isArray(key)) return key.map(textOf).join(' ');
  if (typeof key === 'object' && key !== null) return Object.values(key).map(textOf).join(' ');
  return textOf(key);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
