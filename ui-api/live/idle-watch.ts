import type { LogEntry, Verdict } from '../../engine/index.ts';

/** While nothing comes, the clock is logged this often ... */
const tick_ms = 1000;
/** ... and after this long less often: by then every window that a person waits for has closed. */
const slow_after_ms = 60 * 60_000;
const slow_tick_ms = 60_000;

/**
 * Decides when a partition steps aside and when the clock ticks (semantics.md S3). It only proposes log entries: they
 * are logged before they take effect, and `observe` sees every entry that did, also those replayed at a start, so that
 * a restarted Weir knows the same partitions.
 */
export class IdleWatch {
  readonly #idle_ms: number;
  /** When each active partition was last heard of, by the clock of this process. */
  readonly #active = new Map<string, number>();
  readonly #aside = new Set<string>();
  #last_heard_ms = 0;
  #last_tick_ms = 0;

  constructor(idle_ms: number) {
    this.#idle_ms = idle_ms;
  }

  /**
   * An entry took effect; of a record with its verdict, where that is known. `now_ms` is the clock, not the entry's own
   * time: a replayed record was just heard of. A rejected record moves nothing (S3) and is no sign of life: a partition
   * that sends nothing else would hold back what all others sent. Nor is a late one or a duplicate by which the partition
   * comes no nearer to what W waits for (`is_sign_of_life` of the engine): it makes the partition appear, and no more.
   */
  observe(entry: LogEntry, now_ms: number, verdict: Verdict | null = null, is_sign_of_life = true): void {
    switch (entry.kind) {
      case 'record': {
        const { partition } = entry.record;
        if (verdict !== 'rejected' && (is_sign_of_life || !this.#active.has(partition))) this.#heard(partition, now_ms);
        else if (!this.#active.has(partition)) this.#aside.add(partition);
        break;
      }
      case 'back':
        this.#heard(entry.partition, now_ms);
        break;
      case 'idle':
        this.#active.delete(entry.partition);
        this.#aside.add(entry.partition);
        break;
      case 'tick':
        this.#last_tick_ms = now_ms;
        break;
      default:
    }
  }

  #heard(partition: string, now_ms: number): void {
    this.#aside.delete(partition);
    this.#active.set(partition, now_ms);
    this.#last_heard_ms = now_ms;
  }

  is_aside(partition: string): boolean {
    return this.#aside.has(partition);
  }

  /** Partitions known, aside ones included. */
  get partitions(): number {
    return this.#active.size + this.#aside.size;
  }

  knows(partition: string): boolean {
    return this.#active.has(partition) || this.#aside.has(partition);
  }

  /**
   * The senders can reach us from now on: silence counts from here. Who had stepped aside before the outage may have
   * things to send as well: it is back until it has been silent for IDLE, so that nobody's backlog is late by our fault.
   */
  listens(now_ms: number): LogEntry[] {
    for (const partition of this.#active.keys()) this.#active.set(partition, now_ms);
    return [...this.#aside].map((partition) => ({ kind: 'back', partition }));
  }

  /** It sends, and was asked to wait: it is not silent. */
  refused(partition: string, now_ms: number): void {
    if (this.#active.has(partition)) this.#active.set(partition, now_ms);
  }

  /** What is due at `now_ms`. A partition with something left to read is not silent. Nothing before the first record. */
  due(now_ms: number, has_more: (partition: string) => boolean = () => false): LogEntry[] {
    const entries: LogEntry[] = [];
    for (const [partition, heard_ms] of this.#active) {
      if (now_ms - heard_ms >= this.#idle_ms && !has_more(partition)) entries.push({ kind: 'idle', partition });
    }
    if (this.partitions === 0 || entries.length < this.#active.size) return entries;
    const every_ms = now_ms - this.#last_heard_ms > slow_after_ms ? slow_tick_ms : tick_ms;
    // A clock that was set back must not silence the ticks.
    if (Math.abs(now_ms - this.#last_tick_ms) >= every_ms) entries.push({ kind: 'tick', now_ms });
    return entries;
  }

  /** For the checkpoint: names only, the times begin anew. */
  snapshot(): { readonly active: readonly string[]; readonly aside: readonly string[] } {
    return { active: [...this.#active.keys()], aside: [...this.#aside] };
  }

  restore(snapshot: { readonly active: readonly string[]; readonly aside: readonly string[] }, now_ms: number): void {
    for (const partition of snapshot.aside) this.#aside.add(partition);
    for (const partition of snapshot.active) this.#heard(partition, now_ms);
  }
}
