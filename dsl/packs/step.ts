import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type EventTemplate, readEventTemplate } from './event-template.ts';
import { describe, MapReader } from './map-reader.ts';
import { problemAt } from './problem.ts';
import type { YamlNode } from './yaml-tree.ts';

/** One item under `events:`. */
export type Step = EventStep | RestartStep | IdleStep;

/** One event, or `times` of them `every_ms` apart. */
export interface EventStep {
  readonly kind: 'event';
  /** Event time of the first one, from the start of the test. */
  readonly at_ms: number;
  readonly every_ms: number;
  readonly times: number;
  /** How much later than its event time it arrives, on the clock of the test. */
  readonly late_ms: number;
  /** How often it arrives again. */
  readonly duplicate: number;
  readonly partition: string;
  readonly event: EventTemplate;
  readonly line: number;
}

/** The engine stops and is restored from its snapshot, after what stands before in the list has arrived. */
export interface RestartStep {
  readonly kind: 'restart';
  readonly line: number;
}

/** Nothing arrives for a while, from one partition or (null) from all; the clock goes on. */
export interface IdleStep {
  readonly kind: 'idle';
  readonly for_ms: number;
  readonly partition: string | null;
  readonly line: number;
}

const times_max = 100_000;

/** Reads one item; null, with problems, when it is none. */
export function readStep(path: string, node: YamlNode, line: number, problems: Diagnostic[]): Step | null {
  if (node.kind === 'scalar' && node.value === 'restart') return { kind: 'restart', line };
  if (node.kind !== 'map') {
    const hint = 'an item is { at: 5m, event: { … } }, { every: 60s, times: 10, event: { … } }, restart, or idle: 30s';
    problems.push(problemAt('W0403', path, node, `${describe(node)} is no event`, hint));
    return null;
  }
  const map = MapReader.of(path, node, 'an item of `events`', problems);
  if (map === null) return null;
  if (map.has('idle')) return readIdle(map, line, problems);
  return readEvent(map, line, problems);
}

function readIdle(map: MapReader, line: number, problems: Diagnostic[]): IdleStep | null {
  const before = problems.length;
  const for_ms = map.duration('idle', 1);
  const partition = map.text('partition');
  map.done();
  return problems.length > before || for_ms === null ? null : { kind: 'idle', for_ms, partition, line };
}

function readEvent(map: MapReader, line: number, problems: Diagnostic[]): EventStep | null {
  const before = problems.length;
  const at_ms = map.duration('at', Number.NEGATIVE_INFINITY) ?? 0;
  const every_ms = map.duration('every', 0) ?? 0;
  const times = map.count('times', 1, times_max) ?? 1;
  const late_ms = map.duration('late') ?? 0;
  const partition = map.text('partition') ?? 'test';
  const duplicate = readDuplicate(map);
  const event = map.child('event', 'an event');
  if (event === null && !map.has('event')) map.problem(map.map, 'this item has no event', 'add "event: { … }"');
  if (map.has('every') && !map.has('times')) {
    map.problem(map.map, '`every` without `times`: how many events?', 'add "times: 10", or use "at" for one event');
  }
  map.done();
  if (problems.length > before || event === null) return null;
  return {
    kind: 'event',
    at_ms,
    every_ms,
    times,
    late_ms,
    duplicate,
    partition,
    event: readEventTemplate(map.path, event.map, problems),
    line,
  };
}

/** `duplicate: true` is once more; a number is that many times more. */
function readDuplicate(map: MapReader): number {
  const entry = map.entry('duplicate');
  if (entry === null) return 0;
  if (entry.value.kind === 'scalar' && typeof entry.value.value === 'boolean') return entry.value.value ? 1 : 0;
  return map.count('duplicate', 0, 1_000) ?? 0;
}
