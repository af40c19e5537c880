import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointDirectory } from '../../connectors/index.ts';
import { Engine, type Program, type Snapshot, type SourceRecord, type Value } from '../../engine/index.ts';
import { type FlinkCase, flinkForms } from './flink-sql.ts';
import { multiset, programOf, recordsOf, rowsOf } from './runs.ts';
import { newScore, type Score } from './score.ts';

interface FlinkEvent {
  t: number;
}
type Inputs = { [input: string]: { [part: string]: FlinkEvent[] } };

const file = new URL('../../../shared/cases/flink/cases.json', import.meta.url);
const received_at = Date.UTC(2020, 11, 1);
const sourcesOf: { [input: string]: string[] } = {
  interval: ['orders', 'shipments'],
  window_join: ['left', 'right'],
};

/** Records of the sources in turn, each source a partition: before the stop, and after it. */
function recordsOfCase(published: FlinkCase & { input: string; rows_in?: FlinkEvent[] }, inputs: Inputs) {
  const stamp = (events: FlinkEvent[], side: string) =>
    events.map(({ t, ...event }) => ({ ...event, side, timestamp: t }));
  if (published.rows_in !== undefined) {
    const records = recordsOf('rows', stamp(published.rows_in, ''), received_at);
    return { before: records.slice(0, 5), after: records.slice(5) };
  }
  const sources = sourcesOf[published.input] ?? [''];
  const part = (when: 'before' | 'after'): SourceRecord[] => {
    const all = sources.map((side) => {
      const events = inputs[published.input]?.[side === '' ? when : `${side}_${when}`] ?? [];
      return recordsOf(`source ${side}`, stamp(events, side), received_at);
    });
    const longest = Math.max(...all.map((records) => records.length));
    return Array.from({ length: longest }, (_, i) => all.flatMap((records) => records[i] ?? [])).flat();
  };
  return { before: part('before'), after: part('after') };
}

/** Feeds, stops, restores from what `keep` gives back, feeds the rest: the rows of rule r before and after the stop. */
async function runStopped(
  program: Program,
  records: { before: SourceRecord[]; after: SourceRecord[] },
  keep: (snapshot: Snapshot) => Promise<Snapshot>,
): Promise<{ before: Value[][]; after: Value[][] }> {
  const rows = (engine: Engine) => rowsOf(program, 'r', engine.advance().detections).map((row) => Object.values(row));
  const first = new Engine(program, {});
  records.before.forEach((record, i) => {
    first.apply(i, { kind: 'record', record });
  });
  const before = rows(first);
  const second = Engine.restore(program, await keep(first.snapshot()), {});
  [...records.after.map((record) => ({ kind: 'record', record }) as const), { kind: 'end' } as const].forEach(
    (entry, i) => {
      second.apply(records.before.length + i, entry);
    },
  );
  return { before, after: rows(second) };
}

/** Weir's columns as the case prints them: times as text, the window of a join by its start and end. */
function asPublished(id: string, rows: Value[][]): unknown[][] {
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  return rows.map((row) => {
    if (id.startsWith('over')) return [Number(row[0]) / 1_000, ...row.slice(1)];
    if (id.startsWith('window-join')) {
      const start = Number(row[0]) * 5_000;
      return [time(start), time(start + 5_000), ...row.slice(1)];
    }
    return row.map((value) => (typeof value === 'number' && value > 1e12 ? time(value) : value));
  });
}

/** Where the state rests between the two engines: in memory, and in a checkpoint file. */
async function throughFile(snapshot: Snapshot): Promise<Snapshot> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-flink-'));
  try {
    await new CheckpointDirectory({ directory }).write(snapshot);
    return await new CheckpointDirectory({ directory }).read();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Whether the rows are those expected: none lost, none twice, and windows on the side of the stop that they end on. */
function equal(
  id: string,
  got: { before: unknown[][]; after: unknown[][] },
  expected: (readonly unknown[])[][],
): boolean {
  const [before = [], after = []] = expected;
  if (multiset([...got.before, ...got.after]) !== multiset([...before, ...after])) return false;
  // Flink joins rows on arrival, a final detection waits for the watermark: its rows may leave after the stop.
  if (!id.startsWith('group')) return true;
  return multiset(got.before) === multiset(before);
}

/** Windows, joins and OVER with a stop and a restore between two halves of the input. */
export async function flink(): Promise<Score | null> {
  if (!existsSync(file)) return null;
  const { cases, inputs } = JSON.parse(readFileSync(file, 'utf8')) as {
    cases: (FlinkCase & { input: string; rows_in?: FlinkEvent[] })[];
    inputs: Inputs;
  };
  const score = newScore('flink', 'case, stopped and restored');
  for (const published of cases) {
    const { id, out_before = [], out_after = [], out } = published;
    const form = flinkForms.get(id);
    const compiled = form === undefined ? { refusal: 'no text here' } : programOf(form.sql);
    if ('refusal' in compiled || form === undefined) {
      score.inexpressible++;
      score.notes.push(`${id}: inexpressible, ${'refusal' in compiled ? compiled.refusal : ''}`);
      continue;
    }
    const records = recordsOfCase(published, inputs);
    const runs = [];
    for (const keep of [async (snapshot: Snapshot) => snapshot, throughFile]) {
      const { before, after } = await runStopped(compiled.program, records, keep);
      runs.push({ before: asPublished(id, before), after: asPublished(id, after) });
    }
    const expected = out === undefined ? [out_before, out_after] : [[], out];
    const answer = form.pinned?.answer;
    if (runs.every((run) => equal(id, run, expected))) score.agree++;
    else if (
      answer !== undefined &&
      runs.every((run) =>
        equal(
          id,
          run,
          expected.map((rows) => (rows.length > 0 ? answer(rows) : [])),
        ),
      )
    ) {
      score.differ++;
      score.notes.push(`${id}: named, ${form.pinned?.because}`);
    } else {
      score.differ++;
      score.notes.push(`${id}: unnamed, ${JSON.stringify(runs[0])}`);
    }
  }
  return score;
}
