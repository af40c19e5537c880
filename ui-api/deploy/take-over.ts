import { compile, loadRuleFiles, type ProgramPlan } from '../../dsl/index.ts';
import { diskReader } from '../cli/rules.ts';
import { CannotGoLive, type WentLive } from '../live/go-live.ts';
import type { LoadedFiles } from './rule-desk.ts';

/** What the answer to a deployment says of it. */
export type TakenOver =
  | {
      readonly live: true;
      /** Stream time: what is decided from then on is decided by the new rules; null before the first event. */
      readonly live_from: string | null;
      /** Of the rules that did not run before, whether they see as far back as they remember. */
      readonly history: readonly {
        readonly rule: string;
        readonly coverage: 'warm' | 'partial';
        readonly remembers_ms: number;
        readonly sees_back_to: string | null;
      }[];
    }
  | { readonly live: false; readonly needs: string };

/** A log that takes longer to read goes on being read: the answer does not wait for it. */
const within_ms = 60_000;
const restart = 'a restart of `weir run`: it reads the log again, so that the rule is warm, and goes on where it was';

/** The rules as they are on disk now. @throws CannotGoLive when they do not compile any more. */
export function filesOnDisk({ folder, paths }: LoadedFiles): LoadedFiles {
  const loaded = loadRuleFiles(diskReader(folder), paths);
  const plan: ProgramPlan | null = loaded.problems.length > 0 ? null : compile(loaded.rules).plan;
  if (plan === null) throw new CannotGoLive('the rules on disk do not compile any more');
  return { folder, paths, plan, loaded };
}

/** Waits for rules that take over, for some time. Whatever goes wrong, those that ran go on, and a start takes them up. */
export async function takeOverWithin(
  take_over: () => Promise<WentLive | null>,
  most_ms: number = within_ms,
): Promise<TakenOver> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), most_ms);
  });
  try {
    const went = await Promise.race([take_over(), late]);
    if (went === null) return { live: false, needs: restart };
    if (went !== 'late') return answerOf(went);
    return {
      live: false,
      needs: 'time: it is being warmed from the log, and runs when GET /v1/rules has nothing `pending` for it',
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { live: false, needs: `${restart}. It did not take over at once: ${why}` };
  } finally {
    clearTimeout(timer);
  }
}

function answerOf({ from_ms, new_rules }: WentLive): TakenOver {
  return {
    live: true,
    live_from: isoOf(from_ms),
    history: new_rules.map(({ rule, coverage, horizon_ms, sees_back_to_ms }) => {
      return { rule, coverage, remembers_ms: horizon_ms, sees_back_to: isoOf(sees_back_to_ms) };
    }),
  };
}

function isoOf(time_ms: number | null): string | null {
  return time_ms === null || !Number.isFinite(time_ms) ? null : new Date(time_ms).toISOString();
}
