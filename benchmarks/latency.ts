import { get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { mixedRules } from './mixed-rules.ts';
import { sendPaced } from './paced-sender.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { startWeir, type WeirProcess } from './weir-process.ts';

/** Events of the first seconds meet code that is not compiled yet. */
const COLD_MS = 3_000;
/** The last probes wait for events behind them, which never come. */
const LAST_MS = 200;
const LONGEST_WAIT_MS = 30_000;

/**
 * From the moment an event was due until its detection has come to a reader of the alert stream: a real `weir run` with ten
 * mixed rules, HTTP in and out, the log on disk. Sender and reader are this process, on the same machine. Twice: final at
 * LATENESS 0, and EMIT EARLY at LATENESS 1 minute.
 */
export async function benchLatency(report: Report, settings: Settings): Promise<void> {
  const rate = settings.rate.toLocaleString('en');
  report.line(`event to alert, 10 mixed rules, ${rate} events/s for ${settings.seconds} s, HTTP in, alert stream out`);
  await measure(report, settings, 'LATENESS 0', 'LATENESS 0 SECONDS', '');
  await measure(report, settings, 'EMIT EARLY at LATENESS 1 minute', 'LATENESS 1 MINUTES', ' EMIT EARLY');
}

async function measure(report: Report, settings: Settings, name: string, stream: string, emit: string): Promise<void> {
  const { rate, seconds, keys } = settings;
  const weir = await startWeir([
    `CREATE STREAM events ${stream};`,
    `CREATE RULE probe AS SELECT account_id FROM events WHERE event_type = 'probe'${emit};`,
    ...mixedRules.map(({ sql }) => sql),
  ]);
  try {
    const heard = await readProbes(weir);
    const sent = await sendPaced(weir, { rate, seconds, accounts: keys, probes: true });
    const { due_ms } = sent;
    const end_ms = (due_ms.at(-1) as number) - LAST_MS;
    const asked = due_ms.map((_, n) => n).filter((n) => (due_ms[n] as number) < end_ms);
    const isMissing = (): boolean => asked.some((n) => !heard.at_ms.has(n));
    for (let waited = 0; isMissing() && waited < LONGEST_WAIT_MS; waited += 50) await wait(50);
    const came = asked.filter((n) => heard.at_ms.has(n)).length;
    await weir.stop();
    // A run shorter than that is for its answers, not for its times.
    const cold_ms = Math.min(COLD_MS, (seconds * 1000) / 3);
    const counted = asked.filter((n) => heard.at_ms.has(n) && (due_ms[n] as number) >= (due_ms[0] as number) + cold_ms);
    const took = counted.map((n) => (heard.at_ms.get(n) as number) - (due_ms[n] as number)).sort((a, b) => a - b);
    say(report, settings, name, took);
    report.line(`    the sender was ${Math.max(0, sent.behind_ms).toFixed(0)} ms behind its rate at the end`);
    const isWhole = came === asked.length && heard.twice === 0 && sent.others === 0;
    const lost = `${came} of ${asked.length} alerts, ${heard.twice} twice, ${sent.others} events not accepted`;
    report.goal(`${name}: every alert came, once`, isWhole, lost);
  } finally {
    weir.close();
  }
}

function say(report: Report, { rate }: Settings, name: string, took: readonly number[]): void {
  const at = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN;
  const [p50, p99] = [at(0.5), at(0.99)];
  const group = 'event to alert';
  report.line(`  ${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`);
  report.figure({ group, name: `${name}, p50`, value: p50, unit: 'ms' });
  report.figure({ group, name: `${name}, p99`, value: p99, unit: 'ms' });
  const isMet = p50 < 20 && p99 < 250;
  const what = `${name}: p50 under 20 ms and p99 under 250 ms at ${rate.toLocaleString('en')} events/s`;
  report.goal(what, isMet, `${p50.toFixed(1)} and ${p99.toFixed(1)} ms`);
}

/** Follows the alert stream; by the number of the probe when its alert was read. Early ones are heard once, when they are early. */
async function readProbes(weir: WeirProcess): Promise<{ readonly at_ms: Map<number, number>; twice: number }> {
  const heard = { at_ms: new Map<number, number>(), twice: 0 };
  await new Promise<void>((resolve, reject) => {
    const headers = { authorization: `Bearer ${weir.token}` };
    const asked = get(`${weir.url}/v1/alerts/stream?rule=probe&cursor=start`, { headers }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`the alert stream answered ${answer.statusCode}`));
      resolve();
      let rest = '';
      answer.on('data', (chunk: Buffer) => {
        const now_ms = performance.now();
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() as string;
        for (const line of lines) {
          const number = /^data: .*"values":\{"account_id":"probe_(\d+)"/.exec(line)?.[1];
          if (number === undefined) continue;
          if (heard.at_ms.has(Number(number))) heard.twice++;
          else heard.at_ms.set(Number(number), now_ms);
        }
      });
      // Weir ends first.
      answer.on('error', () => undefined);
    });
    asked.on('error', reject);
  });
  return heard;
}
