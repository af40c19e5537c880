import { IntakeClosed, type LineResult } from '../api/service.ts';

/** Lines of one sender that are logged, judged and answered together. */
export interface Submission {
  readonly partition: string;
  readonly lines: readonly Uint8Array[];
  readonly resolve: (results: readonly LineResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** Bytes that may wait, whatever their number of events. */
const queue_bytes = 64 * 1024 * 1024;

function sizeOf(lines: readonly Uint8Array[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

/** The bounded queue between the API and the one loop that appends and applies. */
export class IntakeQueue {
  readonly #capacity: number;
  #waiting: Submission[] = [];
  #events = 0;
  #bytes = 0;
  #closed: IntakeClosed | null = null;
  #resolve: (() => void) | null = null;
  /** wake() was called when nobody waited. */
  #woken = false;

  /** `capacity` in events. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get events(): number {
    return this.#events;
  }

  /** Whether anything of the partition waits. */
  holds(partition: string): boolean {
    return this.#waiting.some((submission) => submission.partition === partition);
  }

  /** Null when there is no room. One submission larger than the whole queue is taken when the queue is empty. */
  offer(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const bytes = sizeOf(lines);
    const fits = this.#events + lines.length <= this.#capacity && this.#bytes + bytes <= queue_bytes;
    if (!fits && this.#events > 0) return null;
    this.#events += lines.length;
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ partition, lines, resolve, reject });
      this.#resolve?.();
    });
  }

  /** The oldest submissions, up to about `events` of them; at least one when any waits. */
  take(events: number): Submission[] {
    let count = 0;
    let taken = 0;
    while (count < this.#waiting.length && (count === 0 || taken < events)) {
      taken += this.#waiting[count++].lines.length;
    }
    this.#events -= taken;
    const submissions = this.#waiting.splice(0, count);
    for (const { lines } of submissions) this.#bytes -= sizeOf(lines);
    return submissions;
  }

  /** Resolves when something waits, or was woken since the last time. */
  async waited(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#woken) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      this.#resolve = null;
    }
    this.#woken = false;
  }

  /** There is something to do besides what was offered; who comes to wait later is not left to wait for it. */
  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** From now on nothing is taken; what waits is refused too when `refuse_waiting`. */
  close(reason: string, refuse_waiting: boolean): void {
    this.#closed ??= new IntakeClosed(reason);
    if (refuse_waiting) {
      for (const submission of this.#waiting.splice(0)) submission.reject(this.#closed);
      this.#events = 0;
      this.#bytes = 0;
    }
    this.wake();
  }
}
