import { stripVTControlCharacters } from 'node:util';
import {
  type DoorCounters,
  type DropCounters,
  type FailedValues,
  failedValuesObject,
  type Program,
} from '../../engine/index.ts';
import type { RuleTally } from './backtest-tally.ts';
import { type ExceptionFigures, writeExceptions } from './exception-report.ts';
import type { KeyCount } from './key-count.ts';
import type { Output } from './output.ts';
import { printable, renderTable, textWidth } from './table.ts';
import type { TableTally } from './table-output.ts';
import { formatBytes, formatCount, formatDuration, formatTime, plural, type TimeZone } from './units.ts';

/** What a backtest says about one rule, besides its detections. */
export interface RuleSummary extends RuleTally {
  /** Rows that passed the rule's WHERE. */
  readonly events: number;
  /** Rows that joined no group because a part of the key was NULL. */
  readonly null_key: number;
  /** 'partial': the input does not reach back as far before --since as the rule remembers. */
  readonly history: 'warm' | 'partial';
}

export interface BacktestSummary {
  readonly source: string;
  readonly format: string;
  /** Lines of the file; null for the log. */
  readonly lines: number | null;
  readonly skipped: ReadonlyMap<string, number>;
  /** Lines that gave more than one event each, and these events: the other lines that were not skipped gave one. */
  readonly several: { readonly lines: number; readonly records: number };
  readonly counters: Readonly<DoorCounters>;
  readonly rules: ReadonlyMap<string, RuleSummary>;
  readonly as_arrived: boolean;
  /** --late include, --lookups latest. */
  readonly is_hindsight: boolean;
  /** When the file counts as received, which decides what is too far ahead; null for the log, which knows it per record. */
  readonly received_at_ms: number | null;
  readonly lateness_ms: number;
  readonly since_ms: number | null;
  readonly until_ms: number | null;
  /** Times of the first and the last accepted event; null when there is none. */
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  /** Accepted events at or after --until. */
  readonly after_until: number;
  /** Accepted events behind the watermark of a log that goes on: no rule has judged them. */
  readonly after_watermark: number;
  /**
   * Detections that closing everything there, or where a log is decided to, would have given, without what the events behind
   * it give (--as-arrived: with it); null: it cannot be said.
   */
  readonly undecided: number | null;
  /** Detections, first revisions, that were decided later than the last event, because the file ended there. */
  readonly behind_end: number;
  /** Rules and views with WITH EMPTY whose input ended with its last event, so that a silence behind it is unknown. */
  readonly unknown_silence: readonly string[];
  /** How far a log that goes on is decided (W); null for a source that ended. */
  readonly watermark_ms: number | null;
  readonly state_bytes: number;
  readonly dropped: Readonly<DropCounters>;
  /** Values that casts of details could not read, by column; other casts and arithmetic without a result, by rule. */
  readonly failed_casts: ReadonlyMap<string, number>;
  readonly failed_values: FailedValues;
  readonly elapsed_ms: number;
  /** By name: what each CREATE TABLE gave. */
  readonly tables: ReadonlyMap<string, TableTally>;
  readonly dead_letters: readonly ShownLetter[];
  /** --dead-letters: where all of them are. */
  readonly dead_letter_file: string | null;
  readonly exceptions: readonly ExceptionFigures[];
  /** What the reader has to know of how it was done. Columns made for others afterwards are only told on stderr. */
  readonly notes: readonly string[];
}

/** A rejected record as the summary shows it. */
export interface ShownLetter {
  readonly place: string;
  readonly reason: string;
  readonly message: string;
  readonly text: string;
}

/** The summary as --summary writes it. Times are ISO 8601, spans milliseconds. */
export function summaryJson(summary: BacktestSummary): object {
  const { counters } = summary;
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    source: summary.source,
    format: summary.format,
    lines: summary.lines,
    skipped: skippedLines(summary),
    skipped_by_reason: Object.fromEntries(summary.skipped),
    lines_of_several: summary.several.lines,
    events_of_several: summary.several.records,
    read: counters.read,
    accepted: counters.accepted,
    duplicate: counters.duplicate,
    conflict: counters.conflict,
    late: counters.late,
    rejected: counters.rejected,
    would_be_late: counters.would_be_late,
    as_arrived: summary.as_arrived,
    received_at: time(summary.received_at_ms),
    since: time(summary.since_ms),
    until: time(summary.until_ms),
    first_event: time(summary.first_event_ms),
    last_event: time(summary.last_event_ms),
    after_until: summary.after_until,
    after_watermark: summary.after_watermark,
    undecided: summary.undecided,
    behind_end: summary.behind_end,
    unknown_silence: summary.unknown_silence,
    watermark: time(summary.watermark_ms),
    rules: Object.fromEntries(
      [...summary.rules].map(([name, rule]) => [
        name,
        {
          detections: rule.detections,
          suppressed: rule.suppressed,
          revisions: rule.revisions,
          keys: rule.keys.size,
          events: rule.events,
          null_key: rule.null_key,
          history: rule.history,
          first: time(rule.first),
          last: time(rule.last),
        },
      ]),
    ),
    tables: Object.fromEntries(
      [...summary.tables].map(([name, { rows, keys, first, last }]) => [
        name,
        { rows, keys: keys.size, first: time(first), last: time(last) },
      ]),
    ),
    exceptions: summary.exceptions,
    notes: summary.notes,
    dropped: summary.dropped,
    failed_casts: Object.fromEntries(summary.failed_casts),
    failed_values: failedValuesObject(summary.failed_values),
    state_bytes: summary.state_bytes,
    elapsed_ms: Math.round(summary.elapsed_ms),
    events_per_second: Math.round(eventsPerSecond(summary)),
  };
}

/** The summary as a person reads it, on stderr. */
export function writeSummary(
  summary: BacktestSummary,
  output: Output,
  zone: TimeZone,
  form: (is_all: boolean) => string | null,
): void {
  const warmth = summary.since_ms !== null;
  const whole = rulesTable(summary, output, zone, warmth, true);
  const fits = whole.split('\n').every((line) => textWidth(stripVTControlCharacters(line)) <= output.table_width);
  output.line();
  // Names are not cut: on a narrow terminal the days are left out, which --summary has.
  output.line(fits ? whole : rulesTable(summary, output, zone, warmth, false));
  writeTables(summary.tables, output, zone);
  for (const line of figures(summary)) output.line(`  ${line}`);
  writeExceptions(summary.exceptions, output);
  writeLosses(summary, output, zone);
  const hint = hintFor(summary, form);
  if (hint !== null) output.line(`  ${output.paint.yellow('hint')}: ${hint}`);
}

function rulesTable(
  { rules }: BacktestSummary,
  { paint }: Output,
  zone: TimeZone,
  warmth: boolean,
  days: boolean,
): string {
  const day = (time_ms: number | null) => (time_ms === null ? '' : formatTime(time_ms, zone, 'day'));
  const rows = [...rules].map(([name, rule]) => [
    name,
    formatCount(rule.detections),
    formatCount(rule.suppressed),
    keysText(rule.keys),
    formatCount(rule.events),
    ...(days ? [day(rule.first), day(rule.last)] : []),
    ...(warmth ? [rule.history] : []),
  ]);
  const columns = [
    { title: 'rule' },
    ...['detections', 'suppressed', 'keys', 'events'].map((title) => ({ title, align: 'right' }) as const),
    ...(days ? [{ title: 'first' }, { title: 'last' }] : []),
    ...(warmth ? [{ title: 'history' }] : []),
  ];
  return renderTable({ columns, rows, paint });
}

/** `100,000+`: more were not told apart. */
function keysText({ size, is_more }: KeyCount): string {
  return `${formatCount(size)}${is_more ? '+' : ''}`;
}

function writeTables(tables: ReadonlyMap<string, TableTally>, output: Output, zone: TimeZone): void {
  if (tables.size === 0) return;
  const rows = [...tables].map(([name, { rows, keys, first, last }]) => [
    name,
    formatCount(rows),
    keysText(keys),
    first === null ? '' : formatTime(first, zone, 'day'),
    last === null ? '' : formatTime(last, zone, 'day'),
  ]);
  const columns = [
    { title: 'table' },
    { title: 'rows', align: 'right' },
    { title: 'keys', align: 'right' },
    { title: 'from' },
    { title: 'to' },
  ] as const;
  output.line(renderTable({ columns, rows, paint: output.paint }));
}

function figures(summary: BacktestSummary): string[] {
  const { counters, lines } = summary;
  const other = lineFigures(summary);
  const of = lines === null ? '' : ` of ${plural(lines, 'line')}${other === '' ? '' : ` (${other})`}`;
  const live =
    summary.as_arrived || lines === null
      ? ''
      : ` (live, with LATENESS ${formatDuration(summary.lateness_ms)}: ${formatCount(counters.would_be_late)})`;
  const door = [
    `${plural(counters.read, 'event')}${of}`,
    `accepted ${formatCount(counters.accepted)}`,
    `duplicate ${formatCount(counters.duplicate)}`,
    `late ${formatCount(counters.late)}${live}`,
    `rejected ${formatCount(counters.rejected)}`,
  ];
  const span =
    summary.first_event_ms === null || summary.last_event_ms === null
      ? ''
      : `${formatDuration(summary.last_event_ms - summary.first_event_ms)} in `;
  const speed = [
    `${span}${formatDuration(summary.elapsed_ms)}`,
    `${formatCount(eventsPerSecond(summary))} events/s`,
    `state ${formatBytes(summary.state_bytes)}`,
    verdictOf(summary),
  ];
  return [door.join(' · '), speed.join(' · ')];
}

/** Where lines are not events one to one: those that gave none, and those that gave several. */
export function lineFigures({ skipped, several }: Pick<BacktestSummary, 'skipped' | 'several'>): string {
  const none = [...skipped].map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ');
  const { lines, records } = several;
  const parts = [
    ...(none === '' ? [] : [`skipped: ${none}`]),
    ...(lines === 0
      ? []
      : [`${plural(lines, 'line')} ${lines === 1 ? 'stands' : 'stand'} for ${formatCount(records)} events`]),
  ];
  return parts.join('; ');
}

/** What the figures are worth. */
function verdictOf({ counters, format, is_hindsight, as_arrived, lines }: BacktestSummary): string {
  if (counters.read === 0) {
    const where = format === 'log' || format === 'store' ? 'there are no events' : 'the file has no events';
    return `${where}: this says nothing of the rules`;
  }
  if (counters.accepted === 0 && counters.rejected > 0) return 'no event was accepted: this says nothing of the rules';
  if (is_hindsight) return 'with what was not known then: no live engine would have said this';
  const said = 'this is what the live engine would have said';
  return as_arrived || lines === null || counters.would_be_late === 0 ? said : `${said}, had nothing been late`;
}

/** What was rejected or dropped, with its reason: nothing vanishes (law 3). */
function writeLosses(summary: BacktestSummary, output: Output, zone: TimeZone): void {
  const { paint } = output;
  for (const [name, rule] of summary.rules) {
    if (rule.null_key === 0) continue;
    output.line(`  ${name}: ${plural(rule.null_key, 'row')} joined no group: a part of the key was NULL`);
  }
  for (const [column, count] of summary.failed_casts) {
    output.line(`  ${printable(column)}: ${plural(count, 'value')} could not be read as its type, and counted as NULL`);
  }
  for (const [name, failed] of summary.failed_values) {
    for (const [text, count] of failed) {
      const times = count === 1 ? 'once' : `${formatCount(count)} times`;
      output.line(`  ${name}: ${printable(text)} had no result ${times} (a failed cast or an overflow), which is NULL`);
    }
  }
  if (summary.unknown_silence.length > 0 && summary.last_event_ms !== null) {
    const names = summary.unknown_silence.join(', ');
    const last = formatTime(summary.last_event_ms, zone, 'day');
    output.line(
      `  ${names}: the end of a file (last event ${last}) closes the windows that are open, and says nothing of the time after them; silence there is found live, and with --until or --from log`,
    );
  }
  for (const [bound, count] of Object.entries(summary.dropped)) {
    if (count === 0) continue;
    output.line(`  ${paint.yellow('warning')}: the bound ${bound} dropped ${formatCount(count)}`);
  }
  if (summary.behind_end > 0 && summary.last_event_ms !== null) {
    const [those, last] = [plural(summary.behind_end, 'detection'), formatTime(summary.last_event_ms, zone, 'day')];
    output.line(
      `  ${those} of the time behind the last event (${last}): the end of a file closes what is open there; live it is decided when that time has passed, and --until or --from log count it as undecided`,
    );
  }
  const { until_ms, watermark_ms } = summary;
  if (until_ms !== null && until_ms <= (watermark_ms ?? Number.POSITIVE_INFINITY)) {
    const after = plural(summary.after_until, 'event');
    const undecided = summary.undecided === null ? '' : `, not yet decided: ${plural(summary.undecided, 'detection')}`;
    output.line(`  until: ${after} came later${undecided}`);
  }
  if (watermark_ms !== null && watermark_ms < (until_ms ?? Number.POSITIVE_INFINITY)) {
    const { after_watermark: events, undecided } = summary;
    const left = [
      ...(events === 0 ? [] : [`${plural(events, 'event')} not judged yet`]),
      ...(undecided === null ? [] : [`${plural(undecided, 'detection')} undecided`]),
    ];
    const open = left.length === 0 ? '' : `${left.join(', ')}: `;
    output.line(`  ${open}the log goes on, and is decided up to ${formatTime(watermark_ms, zone)}`);
  }
  for (const letter of summary.dead_letters) {
    output.line(`  rejected ${letter.place}: ${printable(letter.message)}`);
    output.line(`    ${paint.dim(printable(letter.text))}`);
  }
  const more = summary.counters.rejected - summary.dead_letters.length;
  const all = summary.dead_letter_file === null ? '--dead-letters FILE writes' : `${summary.dead_letter_file} has`;
  if (more > 0 && summary.lines === null && summary.dead_letters.length === 0) {
    // The verdicts of a history were given before, and their reasons were written then.
    output.line('  rejected: the reasons are in dead-letters.ndjson of the data folder, as `weir run` wrote them');
  } else if (more > 0) output.line(`  ... and ${formatCount(more)} more rejected: ${all} them all`);
}

/** What to do where every record, or most of them, was rejected for what looks like one cause. */
function hintFor(summary: BacktestSummary, form: (is_all: boolean) => string | null): string | null {
  const { counters, dead_letters, format } = summary;
  if (counters.rejected <= counters.accepted) return null;
  const isAll = counters.accepted === 0;
  const every = (reason: string) => dead_letters.length > 0 && dead_letters.every((letter) => letter.reason === reason);
  if (format === 'json') {
    const other = form(isAll);
    if (other !== null) return other;
  }
  if (!isAll || !every('too_far_ahead')) return null;
  return format === 'sshd'
    ? 'every time lies ahead: times without a zone are read as UTC, --time-zone and --year say otherwise'
    : 'every time lies ahead: --as-of says when the file was received';
}

function skippedLines(summary: BacktestSummary): number {
  return [...summary.skipped.values()].reduce((sum, count) => sum + count, 0);
}

function eventsPerSecond(summary: BacktestSummary): number {
  return summary.counters.read / Math.max(0.001, summary.elapsed_ms / 1000);
}

/** Rules and views that look for silence (WITH EMPTY). */
export function silenceOf({ operators }: Program): string[] {
  const looking = operators.filter(
    ({ window }) =>
      window !== null &&
      'decided' in window &&
      window.kind !== 'session' &&
      (window.empty_ms ?? window.empty_lookup) !== undefined,
  );
  return [...new Set(looking.map(({ name }) => name))];
}
