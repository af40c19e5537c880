import type { ExceptionProbe, ProgramPlan } from '../../dsl/index.ts';
import type { EngineStats } from '../../engine/index.ts';
import type { Output } from './output.ts';
import type { ShownDetection } from './shown-detection.ts';
import { formatCount, plural } from './units.ts';

/** What one exception did to one rule in a backtest. */
export interface ExceptionFigures {
  readonly exception: string;
  readonly rule: string;
  readonly action: 'ignore' | 'mute';
  /** IGNORE: events that the rule did not see (of a join: rows of the side that is asked). MUTE: detections that it kept as suppressed. */
  readonly matched: number;
  /** Of so many that there would have been. */
  readonly of: number;
}

/** Counts what the exceptions of a backtest's rules swallow. */
export class ExceptionCounts {
  readonly #plan: ProgramPlan;
  readonly #probes: readonly ExceptionProbe[];
  /** By rule: detections, and muted ones by `suppressed_by`. */
  readonly #detections = new Map<string, number>();
  readonly #muted = new Map<string, number>();

  constructor(plan: ProgramPlan, probes: readonly ExceptionProbe[]) {
    this.#plan = plan;
    this.#probes = probes;
  }

  add({ rule, suppressed_by, revision }: Pick<ShownDetection, 'rule' | 'suppressed_by' | 'revision'>): void {
    if (revision > 1) return;
    this.#detections.set(rule, (this.#detections.get(rule) ?? 0) + 1);
    if (suppressed_by?.startsWith('exception:') !== true) return;
    const name = `${suppressed_by}:${rule}`;
    this.#muted.set(name, (this.#muted.get(name) ?? 0) + 1);
  }

  figures({ operators }: EngineStats): ExceptionFigures[] {
    const events = new Map(operators.map(({ name, events }) => [name, events]));
    return this.#plan.operators.flatMap(({ name: rule, exceptions = [] }) =>
      exceptions.map(({ name: exception, action }): ExceptionFigures => {
        if (action === 'mute') {
          const matched = this.#muted.get(`exception:${exception}:${rule}`) ?? 0;
          return { exception, rule, action, matched, of: this.#detections.get(rule) ?? 0 };
        }
        const probe = this.#probes.find((one) => one.rule === rule && one.exception === exception);
        const matched = events.get(probe?.view ?? '') ?? 0;
        return { exception, rule, action, matched, of: matched + (events.get(probe?.passed ?? rule) ?? 0) };
      }),
    );
  }
}

/** An exception that swallows more than half is worth a second look, and so is one that does nothing. */
export function writeExceptions(figures: readonly ExceptionFigures[], output: Output): void {
  const { paint } = output;
  for (const { exception, rule, action, matched, of } of figures) {
    const what = action === 'ignore' ? 'event' : 'detection';
    if (matched === 0) {
      output.line(`  exception ${exception}: matched no ${what} of ${rule}`);
      continue;
    }
    const did = action === 'ignore' ? `kept from ${rule}` : `of ${rule} muted`;
    const line = `exception ${exception}: ${formatCount(matched)} of ${plural(of, what)} ${did}`;
    output.line(matched * 2 > of ? `  ${paint.yellow('warning')}: ${line}: more than half` : `  ${line}`);
  }
}
