import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { TextRow } from '../lookups/table-text.ts';
import { type EventTemplate, readEventTemplate } from './event-template.ts';
import { type Expectation, readExpectations } from './expectation.ts';
import { describe, MapReader } from './map-reader.ts';
import { type Placed, placeLine, problemAt } from './problem.ts';
import { readStep, type Step } from './step.ts';
import { parseYaml, type YamlMap, type YamlNode, type YamlScalar } from './yaml-tree.ts';

/** `<name>.test.yaml` as it was read. Tests with a problem are left out: the problem is the failure. */
export interface RuleTestFile {
  readonly path: string;
  readonly text: string;
  readonly tests: readonly RuleTest[];
  readonly problems: readonly Diagnostic[];
}

export interface RuleTest {
  readonly name: string;
  /** Line of the test in its file, from 1. */
  readonly line: number;
  readonly given: Given;
  readonly steps: readonly Step[];
  readonly expect: readonly Expectation[];
  /** Counts of the door's verdicts that the test asks for; a verdict that is not named is not looked at. */
  readonly door: ReadonlyMap<DoorCount, number>;
}

export interface Given {
  /** Values of PARAMs, over their defaults. */
  readonly params: ReadonlyMap<string, string | number | boolean>;
  /** Events before the start: one every `every_ms` from `for_ms` before it. */
  readonly history: History | null;
  /** Rows of lookups in place of what their files have. */
  readonly lookups: readonly GivenLookup[];
  /** Place of `params`, or of the test. */
  readonly place: Placed;
}

export interface GivenLookup {
  readonly name: string;
  readonly rows: readonly TextRow[];
  /** Of the name. */
  readonly place: Placed;
}

export interface History {
  readonly every_ms: number;
  readonly for_ms: number;
  readonly event: EventTemplate;
  readonly line: number;
}

export type DoorCount = 'accepted' | 'duplicate' | 'late' | 'rejected';
const door_counts: readonly DoorCount[] = ['accepted', 'duplicate', 'late', 'rejected'];

/** Reads the tests of a file. Never throws: what is wrong is in `problems`, with its place. */
export function readTestFile(path: string, text: string): RuleTestFile {
  const { tree, problems } = parseYaml(path, text);
  const reader = new TestFileReader(path, text, problems);
  return { path, text, tests: tree === null ? [] : reader.read(tree), problems };
}

class TestFileReader {
  readonly #path: string;
  readonly #text: string;
  readonly #problems: Diagnostic[];
  readonly #names = new Set<string>();

  constructor(path: string, text: string, problems: Diagnostic[]) {
    this.#path = path;
    this.#text = text;
    this.#problems = problems;
  }

  read(tree: YamlNode): RuleTest[] {
    if (tree.kind === 'list') return tree.items.flatMap((item) => this.#test(item) ?? []);
    const message = `a test file is a list of tests, not ${describe(tree)}`;
    this.#problems.push(problemAt('W0403', this.#path, tree, message, 'begin each test with "- test: what it shows"'));
    return [];
  }

  #test(node: YamlNode): RuleTest | null {
    const before = this.#problems.length;
    const map = MapReader.of(this.#path, node, 'a test', this.#problems);
    if (map === null) return null;
    const name = map.text('test');
    if (name === null && !map.has('test')) map.problem(node, 'this test has no name', 'add "test: what it shows"');
    if (name !== null && this.#names.has(name)) {
      map.problem(map.entry('test')?.value ?? node, `two tests are called '${name}'`, 'say what each of them shows');
    }
    this.#names.add(name ?? '');
    const given = this.#given(map);
    const steps = this.#steps(map);
    const expect = this.#expect(map);
    const door = this.#door(map);
    map.done();
    if (this.#problems.length > before) return null;
    return { name: name ?? '', line: placeLine(this.#text, node.start), given, steps, expect, door };
  }

  #given(map: MapReader): Given {
    const given = map.child('given', '`given`');
    const params = new Map<string, string | number | boolean>();
    let history: History | null = null;
    const lookups: GivenLookup[] = [];
    if (given !== null) {
      lookups.push(...this.#lookups(given));
      const values = given.child('params', '`params`');
      for (const { key, value } of values?.map.entries ?? []) {
        const plain = value.kind === 'scalar' ? value.value : null;
        if (plain === null) values?.problem(value, `\`${key}\` is a value, not ${describe(value)}`, '');
        else params.set(key, plain);
      }
      history = this.#history(given);
      given.done();
    }
    const place = given?.entry('params')?.value ?? map.map;
    return { params, history, lookups, place };
  }

  /** Rows by the name of their lookup; what they mean is checked against its declaration (check-test.ts). */
  #lookups(given: MapReader): GivenLookup[] {
    const map = given.child('lookups', '`lookups`');
    return (map?.map.entries ?? []).flatMap(({ key: name, key_start: start, key_end: end, value }) => {
      if (value.kind !== 'list') {
        map?.problem(value, `the rows of ${name} are a list, not ${describe(value)}`, 'write [ { column: value } ]');
        return [];
      }
      const rows = value.items.flatMap((item) => {
        const row = MapReader.of(this.#path, item, `a row of ${name}`, this.#problems);
        return row === null ? [] : [textRow(row.map)];
      });
      return [{ name, rows, place: { start, end } }];
    });
  }

  #history(given: MapReader): History | null {
    const map = given.child('history', '`history`');
    if (map === null) return null;
    const every_ms = map.duration('every', 1);
    const for_ms = map.duration('for', 1);
    const event = map.child('event', 'an event');
    map.done();
    if (every_ms === null || for_ms === null || event === null) {
      map.problem(
        map.map,
        'a history needs `every`, `for` and `event`',
        'for example { every: 5m, for: 25h, event: … }',
      );
      return null;
    }
    if (for_ms / every_ms > 10_000) {
      map.problem(map.map, `${Math.floor(for_ms / every_ms)} events of history are too many`, 'at most 10000');
      return null;
    }
    return {
      every_ms,
      for_ms,
      event: readEventTemplate(this.#path, event.map, this.#problems),
      line: placeLine(this.#text, map.map.start),
    };
  }

  #steps(map: MapReader): Step[] {
    const list = map.list('events');
    if (!map.has('events')) map.problem(map.map, 'this test has no events', 'add "events:" with a list of events');
    const lineOf = (node: YamlNode) => placeLine(this.#text, node.start);
    return (list?.items ?? []).flatMap((item) => readStep(this.#path, item, lineOf(item), this.#problems) ?? []);
  }

  #expect(map: MapReader): readonly Expectation[] {
    const entry = map.entry('expect');
    if (entry === null) {
      map.problem(map.map, 'this test expects nothing in particular', 'add "expect: none" or a list of detections');
      return [];
    }
    if (entry.value.kind === 'list') {
      return readExpectations(this.#path, this.#text, entry.value, this.#problems);
    }
    if ((entry.value as YamlScalar).value !== 'none') {
      const place = entry.value.end > entry.value.start ? entry.value : { start: entry.key_start, end: entry.key_end };
      map.problem(
        place,
        `\`expect\` is none or a list, not ${describe(entry.value)}`,
        'for no detection: "expect: none"',
      );
    }
    return [];
  }

  #door(map: MapReader): ReadonlyMap<DoorCount, number> {
    const counts = new Map<DoorCount, number>();
    const door = map.child('door', '`door`');
    for (const name of door === null ? [] : door_counts) {
      const count = door?.count(name, 0, 1_000_000) ?? null;
      if (count !== null) counts.set(name, count);
    }
    door?.done();
    return counts;
  }
}

/** A row as lookups read it: its values with their places, before their types are known. */
function textRow({ start, end, entries }: YamlMap): TextRow {
  const cells = entries.map(({ key, value }) => {
    const place = { offset: value.start, length: Math.max(1, value.end - value.start) };
    return [key, { ...place, value: value.kind === 'scalar' ? value.value : undefined }] as const;
  });
  return { offset: start, length: Math.max(1, end - start), cells: new Map(cells) };
}
