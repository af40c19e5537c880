import { eventSchemaV1, type Program } from '../../engine/index.ts';

/** One event is looked at this often at most: an interval of silence is minutes long, and reading an event costs. */
const sample_ms = 50;
/** So many events of one kind must have been looked at, with the field in so large a part of them, before it is missed. */
const least_events = 100;
const least_share = 0.05;
/** How unlikely it must be that it only happens to be absent, were it in as many events as before. */
const chance = 1e-9;
/** Kinds of events (platform and type) that are followed; events of further ones are not looked at. */
const most_kinds = 256;

interface Seen {
  /** Events that had the field, of how many, up to the last one that had it. */
  present: number;
  of: number;
  last_ms: number;
  /** Events without it since then. */
  missing: number;
  is_gone: boolean;
}

/** What became of a field of a kind of events: `inhouse login: auth.result`. */
export interface FieldNews {
  readonly source: string;
  /** Since when it is missed; null: it is back. */
  readonly gone_since_ms: number | null;
}

/**
 * Finds fields that rules read and that vanished from events which used to have them (law 7). It looks at a few events
 * only, each kind (platform and type) by itself, so that fewer logins are no field that vanished.
 */
export class FieldWatch {
  readonly #silent_ms: number;
  #program: Program | null = null;
  #fields: readonly { readonly name: string; readonly paths: readonly (readonly string[])[] }[] = [];
  readonly #kinds = new Map<string, Map<string, Seen>>();
  #due_ms = Number.NEGATIVE_INFINITY;

  /** @param silent_ms a field may be missing for so long; 0: for ever */
  constructor(silent_ms: number) {
    this.#silent_ms = silent_ms;
  }

  /** Whether it wants an event now: if not, none needs to be read for it. */
  wants(now_ms: number): boolean {
    return this.#silent_ms > 0 && now_ms >= this.#due_ms;
  }

  /** An accepted event, as it came; what it says of fields that vanished or came back. */
  look(line: Uint8Array, program: Program, now_ms: number): FieldNews[] {
    this.#due_ms = now_ms + sample_ms;
    if (program !== this.#program) {
      this.#program = program;
      this.#fields = fieldsOf(program);
    }
    const event = parse(line);
    const { platform, event_type } = event ?? {};
    if (event === null || typeof platform !== 'string' || typeof event_type !== 'string') return [];
    const kind = `${platform} ${event_type}`.slice(0, 120);
    const known = this.#kinds.get(kind) ?? new Map<string, Seen>();
    if (this.#kinds.size >= most_kinds && !this.#kinds.has(kind)) return [];
    this.#kinds.set(kind, known);
    return this.#fields.flatMap(({ name, paths }) => {
      const isThere = paths.some((path) => holds(event, path));
      const change = this.#count(known, name, isThere, now_ms);
      return change === undefined ? [] : [{ source: `${kind}: ${name}`, gone_since_ms: change }];
    });
  }

  /** Undefined: nothing changed. */
  #count(known: Map<string, Seen>, name: string, isThere: boolean, now_ms: number): number | null | undefined {
    const seen = known.get(name) ?? { present: 0, of: 0, last_ms: now_ms, missing: 0, is_gone: false };
    known.set(name, seen);
    if (isThere) {
      const wasGone = seen.is_gone;
      Object.assign(seen, { present: seen.present + 1, of: seen.of + seen.missing + 1, last_ms: now_ms, missing: 0 });
      seen.is_gone = false;
      return wasGone ? null : undefined;
    }
    seen.missing++;
    const share = seen.of === 0 ? 0 : seen.present / seen.of;
    const isMissed =
      seen.of >= least_events && share >= least_share && (1 - share) ** seen.missing < chance && !seen.is_gone;
    if (!isMissed || now_ms - seen.last_ms < this.#silent_ms) return undefined;
    seen.is_gone = true;
    return seen.last_ms;
  }
}

/** The fields of events that some rule reads; what every event has is left out. */
function fieldsOf({ streams }: Program) {
  const columns = streams.find(({ name }) => name === 'events')?.columns ?? [];
  const names = new Set(columns.flatMap((column) => (column.kind === 'field' ? [column.path.join('.')] : [])));
  const declared = new Map(eventSchemaV1.fields.map((field) => [field.name, field]));
  return [...names]
    .filter((name) => declared.get(name)?.required !== true)
    .map((name) => {
      // What is declared nowhere may stand in `details`, or beside it.
      const beside = name.startsWith('details.') ? [name.slice('details.'.length)] : [];
      const paths = [name, ...(declared.get(name)?.aliases ?? []), ...beside];
      return { name, paths: paths.map((path) => path.split('.')) };
    });
}

type Json = Readonly<Record<string, unknown>>;

function parse(line: Uint8Array): Json | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    return null;
  }
}

function holds(event: Json, path: readonly string[]): boolean {
  let value: unknown = event;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Json)[part];
  }
  return value !== null && value !== '';
}
