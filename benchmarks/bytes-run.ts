import { cpuTime_ms } from './cpu-time.ts';
import { plainLine } from './lines.ts';
import { mixedRules } from './mixed-rules.ts';
import { PlainEngine } from './plain-engine.ts';
import type { Records } from './records.ts';
import { plainEventOf } from './wide-events.ts';

/** The plain engine fed with bytes: parsed, judged, counted. Those from record `from` on are timed. */
export function runPlainBytes(
  records: Records,
  from: number,
): { took_ms: number; found: readonly string[]; engine: PlainEngine } {
  const engine = new PlainEngine(mixedRules.map((rule) => rule.plain));
  const found: Parameters<PlainEngine['push']>[1] = [];
  let started = 0;
  for (let n = 0; n < records.count; n++) {
    if (n === from) started = cpuTime_ms();
    engine.push(plainEventOf(records.bytesOf(n)), found);
  }
  const took_ms = cpuTime_ms() - started;
  return { took_ms, engine, found: found.map(plainLine) };
}
