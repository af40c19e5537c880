import { type Compilation, type Diagnostic, seenProbes } from '../../dsl/index.ts';
import type { BacktestFacts } from './backtest-run.ts';
import type { Shell } from './command.ts';
import { usageError } from './exit.ts';
import type { FormatOptions } from './source.ts';
import { formatCount } from './units.ts';
import { replayOf } from './why-source.ts';
import { FirstRejected } from './wrong-form.ts';

/**
 * `weir check --seen`: warnings for the fields and values of rules that none of the events of a file, or of what Weir
 * received (`log`), has. @throws CliError (usage) where there is no event to look at.
 */
export async function seenDiagnostics(
  seen: string,
  { checked, plan }: Compilation,
  options: FormatOptions & { readonly data?: string },
  shell: Shell,
): Promise<readonly Diagnostic[]> {
  if (plan === null) return [];
  const probes = seenProbes(checked, plan);
  const rows = new Map<string, number>();
  let accepted = 0;
  const first = new FirstRejected();
  const counted = ({ counters, stats }: BacktestFacts): void => {
    accepted = counters.accepted;
    for (const { name, events } of stats.operators) rows.set(name, events);
  };
  const replay = replayOf({ ...options, from: seen }, [], shell, counted, (letter) => first.keep(letter));
  for await (const _ of replay(probes.plan));
  if (accepted === 0) {
    const isJson = (options.as ?? 'json') === 'json';
    const form = isJson ? first.hint({ path: seen, pipe: null }, true) : null;
    throw usageError(`there is no event in ${seen}`, form ?? 'is it of another format? --as says which');
  }
  const of = seen === 'log' ? 'what was received' : seen;
  return probes.unseen(
    rows,
    accepted === 1 ? `the one event of ${of}` : `the ${formatCount(accepted)} events of ${of}`,
  );
}
