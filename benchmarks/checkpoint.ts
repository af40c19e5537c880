import { Dictionary, Fold } from '../engine/index.ts';
import { toBatches } from './columns.ts';
import { median } from './measure.ts';
import { programOf } from './program.ts';
import type { Report } from './report.ts';
import { platforms, type WorkloadEvent } from './workload.ts';

/** A million accounts with one or two rows each. */
function* millionKeys(keys: number): Generator<WorkloadEvent> {
  const start_ms = Date.UTC(2026, 0, 15, 8);
  for (let i = 0; i < keys * 1.5; i++) {
    yield {
      event_id: `e${i.toString(36).padStart(8, '0')}`,
      timestamp: start_ms + Math.floor(i / 10),
      platform: platforms[i % 5] as string,
      event_type: 'login',
      account_id: `acct_${i % keys}`,
      actor: { ip: `10.0.${(i >> 8) & 255}.${i & 255}` },
      net: { asn: 1000 + (i % 500) },
      geo: { country: 'US' },
      auth: { result: 'fail' },
    };
  }
}

/** How long snapshot() stops the fold with a million keys, and what a key and a row weigh. */
export function benchCheckpoint(report: Report): void {
  const keys = 1_000_000;
  const rule =
    "CREATE RULE guessing AS SELECT account_id, count(*) AS n, count(DISTINCT actor.ip) AS ips FROM events WHERE event_type = 'login' GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 10;";
  const program = programOf([rule]);
  const dictionary = new Dictionary();
  const fold = new Fold(program, dictionary, { shards: 1 });
  for (const batch of toBatches([...millionKeys(keys)], program, dictionary, 1024)) {
    fold.push(batch, batch.time[batch.count - 1] as number);
  }
  const pauses_ms: number[] = [];
  for (let round = 0; round < 7; round++) {
    globalThis.gc?.();
    const started = performance.now();
    const snapshot = [fold.snapshot(), dictionary.snapshot()];
    pauses_ms.push(performance.now() - started);
    if (snapshot.length !== 2) throw new Error('a snapshot is missing');
  }
  const stats = fold.stats();
  report.line('checkpoint of 1 M keys, 1.5 M rows');
  report.line(`  ${(stats.state_bytes / keys).toFixed(0)} bytes a key, its rows included`);
  const group = 'checkpoint of 1 M keys';
  report.figure({ group, name: 'pause', value: median(pauses_ms), unit: 'ms', rounds: pauses_ms });
  report.figure({ group, name: 'a key, its rows included', value: stats.state_bytes / keys, unit: 'bytes' });
  report.goal('a checkpoint pauses the fold under 50 ms', median(pauses_ms) < 50, `${median(pauses_ms).toFixed(1)} ms`);
}
