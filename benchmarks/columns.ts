import type { Batch, Column, Dictionary, Program } from '../engine/index.ts';
import type { WorkloadEvent } from './workload.ts';

const utf8 = new TextEncoder();

function valueAt(event: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], event);
}

/** The events as batches of columns, as the door hands them to the fold: what the decoder has done before. */
export function toBatches(
  events: readonly WorkloadEvent[],
  program: Program,
  dictionary: Dictionary,
  rows: number,
): Batch[] {
  const batches: Batch[] = [];
  for (let from = 0; from < events.length; from += rows) {
    batches.push(toBatch(events.slice(from, from + rows), from, program, dictionary));
  }
  return batches;
}

function toBatch(events: readonly WorkloadEvent[], from: number, program: Program, dictionary: Dictionary): Batch {
  const count = events.length;
  const specs = program.streams[0]?.columns ?? [];
  const columns = specs.map((spec): Column => {
    const column = spec.storage === 'id' ? new Int32Array(count) : new Float64Array(count).fill(Number.NaN);
    if (spec.kind === 'field') {
      events.forEach((event, i) => {
        const value = valueAt(event, spec.path);
        if (value === undefined || value === null) return;
        column[i] = spec.storage === 'id' ? dictionary.idOf(String(value)) : Number(value);
      });
    }
    return column;
  });
  const idStart = new Int32Array(count + 1);
  const ids = events.map((event) => utf8.encode(event.event_id));
  ids.forEach((id, i) => {
    idStart[i + 1] = (idStart[i] as number) + id.length;
  });
  const idBytes = new Uint8Array(idStart[count] as number);
  ids.forEach((id, i) => {
    idBytes.set(id, idStart[i]);
  });
  return {
    count,
    time: Float64Array.from(events, (event) => event.timestamp),
    seq: Float64Array.from(events, (_, i) => from + i),
    tenant: new Int32Array(count).fill(dictionary.idOf('default')),
    ...{ idStart, idBytes, columns },
    partition: new Int32Array(count),
    position: Float64Array.from(events, (_, i) => from + i),
  };
}
