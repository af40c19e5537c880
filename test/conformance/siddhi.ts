import { existsSync, readFileSync } from 'node:fs';
import { Engine, type Program } from '../../engine/index.ts';
import { programOf, recordsOf, rowsOf } from './runs.ts';
import { newScore, type Score } from './score.ts';
import { type SiddhiCase, siddhiForm } from './siddhi-sql.ts';

const file = new URL('../../../shared/cases/siddhi/cases.json', import.meta.url);
/** The wall clock's start, where a case's events have the clock's time. */
const start_ms = 1_600_000_000_000;

/** Fields of an event by the stream's declaration in the case's text; the first is the time. */
function eventsOf({ app, inputs }: SiddhiCase): object[] {
  const declared = (name: string) =>
    (new RegExp(`define stream ${name}\\s*\\(([^)]*)\\)`).exec(app)?.[1] ?? '').split(',').map((field) => {
      return field.trim().split(/\s+/)[0] as string;
    });
  return inputs.map(({ stream, t_ms, values }) => {
    const [time, ...rest] = values;
    const fields = declared(stream).slice(1);
    const timestamp = typeof time === 'number' ? time : start_ms + t_ms;
    return { timestamp, stream, ...Object.fromEntries(fields.map((field, i) => [field, rest[i]])) };
  });
}

/** Rows that leave through the live door; `ended` closes what is open. */
function rowsLeft(program: Program, events: readonly object[], ended: boolean): number {
  const engine = new Engine(program, {});
  recordsOf('case', events, start_ms).forEach((record, i) => {
    engine.apply(i, { kind: 'record', record });
  });
  if (ended) engine.apply(events.length, { kind: 'end' });
  return rowsOf(program, 'r', engine.advance().detections).length;
}

/**
 * The 28 event-time windows and the 13 output rate limits: as many rows as Siddhi's tests count. Siddhi's timeout is
 * the wall clock's, so a batch that it flushed between two inputs is given again with what comes later: named.
 */
export function siddhi(): Score | null {
  if (!existsSync(file)) return null;
  const cases = (JSON.parse(readFileSync(file, 'utf8')) as { cases: SiddhiCase[] }).cases;
  const score = newScore('siddhi', 'case, event-time windows and output rate limits');
  for (const published of cases.filter(({ fit }) => fit === 'event_time_windows' || fit === 'suppression')) {
    const form = siddhiForm(published);
    const compiled = 'sql' in form ? programOf(form.sql) : { refusal: form.incomparable };
    const name = published.id.replace(/^.*\./, '');
    if (!('program' in compiled) || !('sql' in form)) {
      score.inexpressible++;
      score.notes.push(`${name}: inexpressible, ${'refusal' in compiled ? compiled.refusal : ''}`);
      continue;
    }
    const times = published.inputs.map(({ t_ms }) => t_ms);
    const { timeout_ms, decided_by } = form;
    const waited = (from: number, to: number) => timeout_ms !== null && to - from >= timeout_ms;
    const ended = decided_by === 'event' || waited(times.at(-1) ?? 0, published.total_sleep_ms);
    const got = rowsLeft(compiled.program, eventsOf(published), ended);
    const { in_events } = published.expected;
    if (got === in_events) {
      score.agree++;
      continue;
    }
    score.differ++;
    const reopened = times.some((time, i) => i > 0 && waited(times[i - 1] as number, time));
    const why = reopened ? 'named: a batch that the wall clock flushed is given again with later rows' : 'unnamed';
    score.notes.push(`${name}: ${got} rows, Siddhi ${in_events} (${why})`);
  }
  return score;
}
