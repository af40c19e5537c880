import type { LookupUse } from '../detection.ts';
import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { LookupVersions } from './lookup-versions.ts';

/** The lookups of a program with all their versions. */
export class Lookups {
  /** In the order of Program.lookups. */
  readonly all: readonly LookupVersions[];

  constructor(program: Program) {
    this.all = (program.lookups ?? []).map((spec) => new LookupVersions(spec));
  }

  /** An activation of the log. A lookup that the rules do not have (any more) is passed over. */
  activate({ name, from_ms, version, bytes }: LookupActivation): void {
    this.all.find(({ spec }) => spec.name === name)?.activate(from_ms, version, bytes);
  }

  /** See LookupVersions.release. */
  release(time_ms: number): void {
    for (const one of this.all) one.release(time_ms);
  }

  /** What a detection of an operator that reads these lookups rests on. */
  usedBy(lookups: readonly number[], first_ms: number, last_ms: number): LookupUse[] {
    return lookups.map((index) => {
      const one = this.all[index];
      return { name: one.spec.name, versions: one.acted(first_ms, last_ms) };
    });
  }

  /** By name the version that was activated last; null where there is none. */
  latest(): ReadonlyMap<string, string | null> {
    return new Map(this.all.map(({ spec, latest }) => [spec.name, latest]));
  }

  get allocated_bytes(): number {
    return this.all.reduce((sum, one) => sum + one.allocated_bytes, 0);
  }

  snapshot(): Snapshot {
    return this.all.map((one) => one.snapshot());
  }

  restore(snapshot: Snapshot): void {
    (snapshot as readonly Snapshot[]).forEach((one, i) => {
      this.all[i].restore(one);
    });
  }
}

/** From a stream time on this content is the lookup's (S13). */
export interface LookupActivation {
  readonly name: string;
  readonly from_ms: number;
  readonly version: string;
  /** lookupContent() made them (content.ts). */
  readonly bytes: Uint8Array;
}
