import type { LiveDriver } from './driver.ts';
import { type LookupFiles, LookupWatch } from './lookup-watch.ts';

/** Time between two looks at the files of the lookups. */
const look_ms = 2_000;

/** The lookups of the rules that run, looked at again and again; other rules may bring others. */
export class LookupFollower {
  readonly #driver: LiveDriver;
  readonly #report: (message: string) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(driver: LiveDriver, report: (message: string) => void) {
    this.#driver = driver;
    this.#report = report;
  }

  /** The rows before the first event is taken (of rules that take over: they act already), and then whenever a file changes. */
  async follow(files: LookupFiles | undefined): Promise<void> {
    this.stop();
    if (files === undefined) return;
    const watch = new LookupWatch(files, this.#driver, this.#driver.running.engine.lookup_versions, this.#report);
    await watch.begin();
    // A driver that has stopped says so itself.
    this.#timer = setInterval(() => void watch.look().catch(() => undefined), look_ms);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
