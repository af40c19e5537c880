import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import { parseDuration } from './duration.ts';
import { type Placed, problemAt } from './problem.ts';
import type { YamlEntry, YamlList, YamlMap, YamlNode, YamlScalar } from './yaml-tree.ts';

/** What the tests of other tools call a key (promtool, Panther, pySigma, dbt). */
const foreignKeys: ReadonlyMap<string, string> = new Map([
  ...['name', 'title', 'description', 'case'].map((key) => [key, 'test'] as const),
  ...['input', 'inputs', 'data', 'logs', 'log', 'steps', 'input_series'].map((key) => [key, 'events'] as const),
  ...['expected', 'expects', 'detections', 'alerts', 'output', 'exp_alerts', 'then'].map(
    (key) => [key, 'expect'] as const,
  ),
  ...['count', 'repeat', 'n'].map((key) => [key, 'times'] as const),
  ...['interval', 'period', 'step'].map((key) => [key, 'every'] as const),
  ...['after', 'time', 'timestamp', 'offset', 'eval_time', 'when'].map((key) => [key, 'at'] as const),
  ...['alertname', 'alert', 'detection'].map((key) => [key, 'rule'] as const),
  ...['setup', 'vars', 'with'].map((key) => [key, 'given'] as const),
]);

/**
 * Reads the keys of one YAML map by type. What is wrong becomes a problem with its place, and reading goes on; `done()`
 * refuses the keys that nobody asked for, with the nearest known name.
 */
export class MapReader {
  readonly path: string;
  readonly map: YamlMap;
  readonly #what: string;
  readonly #problems: Diagnostic[];
  readonly #asked = new Set<string>();

  private constructor(path: string, map: YamlMap, what: string, problems: Diagnostic[]) {
    this.path = path;
    this.map = map;
    this.#what = what;
    this.#problems = problems;
  }

  /** `what` names the map in messages: 'a test', 'an event'. Null, with a problem, when the node is no map. */
  static of(path: string, node: YamlNode, what: string, problems: Diagnostic[], hint = ''): MapReader | null {
    if (node.kind === 'map') return new MapReader(path, node, what, problems);
    problems.push(problemAt('W0403', path, node, `${what} is a map of keys, not ${describe(node)}`, hint));
    return null;
  }

  /** The entry of a key, or null. A key is known from the moment somebody asks for it. */
  entry(key: string): YamlEntry | null {
    this.#asked.add(key);
    return this.map.entries.find((entry) => entry.key === key) ?? null;
  }

  has(key: string): boolean {
    return this.entry(key) !== null;
  }

  text(key: string): string | null {
    return this.#scalar(key, 'a text', (value) => (typeof value === 'string' ? value : null));
  }

  flag(key: string): boolean | null {
    return this.#scalar(key, 'true or false', (value) => (typeof value === 'boolean' ? value : null));
  }

  /** A whole number from `least` to `most`. */
  count(key: string, least: number, most: number): number | null {
    return this.#scalar(key, `a whole number from ${least} to ${most}`, (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : null,
    );
  }

  /** Milliseconds of a duration of at least `least_ms`. */
  duration(key: string, least_ms = 0): number | null {
    const what = least_ms > 0 ? 'a duration above 0 such as 30s, 15m or 500ms' : 'a duration such as 30s, 15m or 500ms';
    return this.#scalar(key, what, (value) => {
      const duration_ms = parseDuration(value);
      return duration_ms !== null && duration_ms >= least_ms ? duration_ms : null;
    });
  }

  list(key: string): YamlList | null {
    const entry = this.entry(key);
    if (entry === null) return null;
    if (entry.value.kind === 'list') return entry.value;
    this.problem(entry.value, `\`${key}\` is a list, not ${describe(entry.value)}`, 'begin each item with "- "');
    return null;
  }

  child(key: string, what: string): MapReader | null {
    const entry = this.entry(key);
    return entry === null ? null : MapReader.of(this.path, entry.value, what, this.#problems);
  }

  /** Refuses the keys that nobody asked for. */
  done(): void {
    for (const { key, key_start, key_end } of this.map.entries) {
      if (this.#asked.has(key)) continue;
      const place = { start: key_start, end: key_end };
      const known = [...this.#asked];
      const hint = `keys of ${this.#what}: ${listOf(known, 24)}`;
      const meant = foreignKeys.get(key.toLowerCase());
      const label =
        meant === undefined || !known.includes(meant) ? didYouMean(key, known) : `did you mean \`${meant}\`?`;
      this.#problems.push(problemAt('W0403', this.path, place, `${this.#what} has no key \`${key}\``, hint, label));
    }
  }

  problem(place: Placed, message: string, hint: string): void {
    this.#problems.push(problemAt('W0403', this.path, place, message, hint));
  }

  #scalar<T>(key: string, what: string, read: (value: YamlScalar['value']) => T | null): T | null {
    const entry = this.entry(key);
    if (entry === null) return null;
    const value = entry.value.kind === 'scalar' ? read(entry.value.value) : null;
    if (value === null) {
      const place = entry.value.end > entry.value.start ? entry.value : { start: entry.key_start, end: entry.key_end };
      this.problem(place, `\`${key}\` is ${what}, not ${describe(entry.value)}`, '');
    }
    return value;
  }
}

/** How a node is called in a message. */
export function describe(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? `the text '${node.value.slice(0, 60)}'` : String(node.value);
}
