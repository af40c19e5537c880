import { limits } from '../limits.ts';
import type { LookupSpec } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { LookupTable } from './lookup-table.ts';

/** Of a version without its content (V8). */
const NAME_BYTES = 120;

interface Version {
  /** It acts on rows from this time on, until the next version does. */
  readonly from_ms: number;
  readonly version: string;
  /** null once no row can come any more that it acts on: what is left is its name, for provenance. */
  bytes: Uint8Array | null;
  table: LookupTable | null;
}

/** What acts at a time: [from_ms, to_ms) is where it does. `table` is null before the first version. */
export interface Acting {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly table: LookupTable | null;
}

/**
 * The versions of one lookup in stream time (S13). Which one acts on a row is a question of the row's time alone, so
 * batches, shards and restarts cannot show. Before the first version nothing is known of the lookup.
 */
export class LookupVersions {
  readonly spec: LookupSpec;
  readonly #versions: Version[] = [];
  /** Increases with every activation: who remembers what acts must ask again. */
  generation = 0;

  constructor(spec: LookupSpec) {
    this.spec = spec;
  }

  /** From `from_ms` on this content acts. Activations rise in time; a second one at a time takes the first one's place. */
  activate(from_ms: number, version: string, bytes: Uint8Array): void {
    const last = this.#versions.at(-1);
    const from = Math.max(from_ms, last?.from_ms ?? Number.NEGATIVE_INFINITY);
    if (last?.from_ms === from) this.#versions.pop();
    // The log's batch that the bytes are a part of shall not be held by them.
    this.#versions.push({ from_ms: from, version, bytes: bytes.slice(), table: new LookupTable(this.spec, bytes) });
    if (this.#versions.length > limits.lookup_versions) this.#versions.shift();
    this.generation++;
  }

  at(time_ms: number): Acting {
    let index = this.#versions.length - 1;
    while (index >= 0 && this.#versions[index].from_ms > time_ms) index--;
    const acting = this.#versions[index];
    return {
      from_ms: acting?.from_ms ?? Number.NEGATIVE_INFINITY,
      to_ms: this.#versions[index + 1]?.from_ms ?? Number.POSITIVE_INFINITY,
      table: acting?.table ?? null,
    };
  }

  /** Rows before this time come no more: contents that acted only on them go, their names stay. */
  release(time_ms: number): void {
    for (let i = 0; i + 1 < this.#versions.length && this.#versions[i + 1].from_ms <= time_ms; i++) {
      this.#versions[i].bytes = null;
      this.#versions[i].table = null;
    }
  }

  /** The versions that acted somewhere in [first_ms, last_ms], in order. */
  acted(first_ms: number, last_ms: number): string[] {
    return this.#versions
      .filter(({ from_ms }, i) => {
        const to_ms = this.#versions[i + 1]?.from_ms ?? Number.POSITIVE_INFINITY;
        return from_ms <= last_ms && first_ms < to_ms;
      })
      .map(({ version }) => version);
  }

  /** The version that was activated last; null when there is none. */
  get latest(): string | null {
    return this.#versions.at(-1)?.version ?? null;
  }

  /** Ids were taken back and may be given to other texts: what is known by them is asked again. */
  forget(): void {
    for (const { table } of this.#versions) table?.known.clear();
  }

  /** Of all versions: contents, tables and names. */
  get allocated_bytes(): number {
    return this.#versions.reduce(
      (sum, { bytes, table }) => sum + NAME_BYTES + (bytes?.length ?? 0) + (table?.allocated_bytes ?? 0),
      0,
    );
  }

  snapshot(): Snapshot {
    return this.#versions.map(({ from_ms, version, bytes }) => ({ from_ms: Float64Array.of(from_ms), version, bytes }));
  }

  restore(snapshot: Snapshot): void {
    this.#versions.length = 0;
    for (const one of snapshot as { from_ms: Float64Array; version: string; bytes: Uint8Array | null }[]) {
      const table = one.bytes === null ? null : new LookupTable(this.spec, one.bytes);
      this.#versions.push({ from_ms: one.from_ms[0], version: one.version, bytes: one.bytes, table });
    }
    this.generation++;
  }
}
