import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './measure.ts';
import type { MemoryTask, MemoryUse } from './memory-run.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

const program = fileURLToPath(new URL('./memory-run.ts', import.meta.url));
const megabyte = 2 ** 20;

/** A process of its own, which holds the engine and nothing else. */
function use(task: MemoryTask): MemoryUse {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, JSON.stringify(task)], {
    encoding: 'utf8',
    maxBuffer: 64 * megabyte,
  });
  if (status !== 0) throw new Error(`the engine's process ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as MemoryUse;
}

/**
 * What an engine holds over events of 373 bytes: each account has one event first, then by Zipf. 1,000 generated rules,
 * whose state is shared by (account, event type), after `events` more; and ten mixed rules when their longest window, an
 * hour, is full, over the next `events`. A thousandth of the accounts is an event a second.
 */
export function benchMemory(report: Report, { events, keys }: Settings): void {
  const options = { accounts: keys, addresses: 300_000, seed: 42, each_once: true };
  const accounts = `${keys.toLocaleString('en')} accounts`;

  const rate = Math.max(1, Math.round(keys * 0.0015));
  const generated = { ...options, rate, events: keys + events };
  const many = use({ rules: 'generated', count: 1000, workload: generated, from: keys });
  const group = `1,000 generated rules, ${accounts}`;
  report.line(`${group}, ${many.pairs.toLocaleString('en')} pairs of account and event type`);
  sayParts(report, many);
  const rules = many.rules_bytes / megabyte;
  report.figure({ group, name: 'state of the rules', value: rules, unit: 'MB' });
  report.figure({ group, name: 'state of the rules, a pair', value: many.rules_bytes / many.pairs, unit: 'bytes' });
  report.figure({ group, name: 'ids, texts and door', value: many.state_bytes / megabyte - rules, unit: 'MB' });
  report.goal(`${group}: their state takes at most 150 MB`, rules <= 150, `${rules.toFixed(0)} MB`);
  sayWhole(report, group, many);

  const hour = { ...options, rate: Math.max(1, Math.round(keys / 1000)) };
  const fill = 3600 * hour.rate;
  const mixed = use({ rules: 'mixed', count: 10, workload: { ...hour, events: fill + events }, from: fill });
  const steady = `10 mixed rules, ${accounts}, all windows full`;
  report.line(steady);
  sayParts(report, mixed);
  const most = Math.max(...mixed.resident) / megabyte;
  const middle = median(mixed.resident) / megabyte;
  report.line(`  resident ${middle.toFixed(0)} MB in the middle, ${most.toFixed(0)} MB at most, Node's own included`);
  report.figure({ group: steady, name: 'state', value: mixed.state_bytes / megabyte, unit: 'MB' });
  report.figure({
    group: steady,
    name: 'resident',
    value: most,
    unit: 'MB',
    rounds: mixed.resident.map((b) => b / megabyte),
  });
  report.goal(`${steady}: at most 600 MB resident`, most <= 600, `${most.toFixed(0)} MB`);
  sayWhole(report, steady, mixed);
}

function sayParts(report: Report, { state_bytes, rules_bytes, parts }: MemoryUse): void {
  const kinds = new Map<string, number>();
  for (const [name, bytes] of Object.entries(parts)) {
    const kind = /^(rows|keys|states) of /.exec(name)?.[1] ?? name;
    kinds.set(kind, (kinds.get(kind) ?? 0) + bytes);
  }
  const greatest = [...kinds].sort(([, a], [, b]) => b - a).slice(0, 6);
  const shown = greatest.map(([name, bytes]) => `${name} ${(bytes / megabyte).toFixed(1)}`);
  const [all, rules] = [state_bytes, rules_bytes].map((bytes) => (bytes / megabyte).toFixed(0));
  report.line(`  ${all} MB of state, of it the rules' own ${rules}: ${shown.join(', ')}`);
}

/** What bounds dropped would make any figure small. */
function sayWhole(report: Report, name: string, { detections, drops }: MemoryUse): void {
  const dropped = Object.entries(drops).filter(([, count]) => count > 0);
  const said = dropped.length === 0 ? 'nothing' : dropped.map(([bound, count]) => `${bound} ${count}`).join(', ');
  report.goal(
    `${name}: rules fire, no bound drops anything`,
    detections > 0 && dropped.length === 0,
    `${detections} detections, dropped: ${said}`,
  );
}
