import { type Batch, type Detection, Dictionary, Fold, type Program } from '../engine/index.ts';
import { toBatches } from './columns.ts';
import { measure, millionsPerSecond, ratio } from './measure.ts';
import { mixedRules } from './mixed-rules.ts';
import { type PlainDetection, PlainEngine } from './plain-engine.ts';
import { programOf } from './program.ts';
import type { Report } from './report.ts';
import { type WorkloadEvent, workload } from './workload.ts';

/** A fresh fold over all batches; returns the number of detections. */
export function runFold(program: Program, dictionary: Dictionary, batches: readonly Batch[]): number {
  let detections = 0;
  foldAll(program, dictionary, batches, (found) => {
    detections += found.length;
  });
  return detections;
}

function foldAll(
  program: Program,
  dictionary: Dictionary,
  batches: readonly Batch[],
  take: (found: readonly Detection[]) => void,
): void {
  const fold = new Fold(program, dictionary, { shards: 1 });
  for (const batch of batches) take(fold.push(batch, batch.time[batch.count - 1] as number));
}

function runPlain(events: readonly WorkloadEvent[]): PlainDetection[] {
  const engine = new PlainEngine(mixedRules.map((rule) => rule.plain));
  const detections: PlainDetection[] = [];
  for (const event of events) engine.push(event, detections);
  return detections;
}

/** Both engines' detections as text, sorted: the same rule, key, time, count, total and evidence. */
function sameDetections(program: Program, dictionary: Dictionary, batches: readonly Batch[], events: WorkloadEvent[]) {
  const found: string[] = [];
  foldAll(program, dictionary, batches, (detections) => {
    for (const { rule, key, decided_at, values, evidence_total, evidence } of detections) {
      found.push(JSON.stringify([rule, key[0], decided_at, values[1], evidence_total, evidence]));
    }
  });
  const plain = runPlain(events).map(({ rule, key, decided_at, count, total, evidence }) =>
    JSON.stringify([rule, key, decided_at, count, total, evidence]),
  );
  return found.sort().join('\n') === plain.sort().join('\n');
}

/** Ten mixed rules over 1 M accounts: the fold alone against the plain engine, parsed objects and columns made before. */
export function benchFold(report: Report, count: number): void {
  const events = [...workload({ events: count, accounts: 1_000_000, addresses: 200_000, seed: 42, rate: 10_000 })];
  const program = programOf(mixedRules.map((rule) => rule.sql));
  const dictionary = new Dictionary();
  const batches = toBatches(events, program, dictionary, 1024);
  const [plain, fold] = measure(
    [
      { name: 'plain engine', run: () => runPlain(events).length },
      { name: 'fold', run: () => runFold(program, dictionary, batches) },
    ],
    5,
  );
  if (!plain || !fold) throw new Error('measure() gives one result per contestant');
  report.line(`10 mixed rules, 1 M accounts, ${count.toLocaleString('en')} events`);
  report.line(`  plain engine ${millionsPerSecond(plain, count)} M events/s, ${plain.detections} detections`);
  report.line(`  fold         ${millionsPerSecond(fold, count)} M events/s, ${fold.detections} detections`);
  const same = sameDetections(program, dictionary, batches, events);
  report.goal('both find the same detections, evidence included', same, `${fold.detections}`);
  const faster = ratio(plain, fold);
  report.goal('the fold is at least 6 times a plain streaming engine', faster >= 6, `${faster.toFixed(1)} times`);
}
