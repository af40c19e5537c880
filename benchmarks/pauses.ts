import { setTimeout as wait } from 'node:timers/promises';
import { memorySample } from './memory-samples.ts';
import { mixedRules } from './mixed-rules.ts';
import { sendPaced } from './paced-sender.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { startWeir, type WeirProcess } from './weir-process.ts';

const ASK_EVERY_MS = 500;
const asked = ['/v1/status', '/v1/alerts?limit=100', '/v1/metrics'];
/** As a Weir does that nobody told otherwise; shorter runs have four checkpoints. */
const CHECKPOINT_SECONDS = 30;

/**
 * How long the loop of a real `weir run` stands still at most, while keys grow (each event is of another account until all
 * have come), checkpoints are written, and somebody asks for status, alerts and metrics twice a second.
 */
export async function benchPauses(report: Report, { rate, seconds, keys }: Settings): Promise<void> {
  const accounts = Math.min(keys, rate * seconds).toLocaleString('en');
  const group = `the loop over ${seconds} s of ${rate.toLocaleString('en')} events/s, growing to ${accounts} accounts`;
  const checkpoint_seconds = Math.max(1, Math.min(CHECKPOINT_SECONDS, Math.floor(seconds / 4)));
  report.line(`${group}; a checkpoint each ${checkpoint_seconds} s, the API asked twice a second`);
  const weir = await startWeir(
    mixedRules.map(({ sql }) => sql),
    checkpoint_seconds,
  );
  try {
    const questions = askAlongside(weir);
    const sent = await sendPaced(weir, { rate, seconds, accounts: keys, probes: false }, () => weir.beginWatch());
    const answered = await questions.end();
    const { weir: resident } = memorySample(weir.pid, await weir.get('/v1/metrics'), performance.now());
    const { counters } = JSON.parse(await weir.get('/v1/status')) as { counters: Record<string, number> };
    const times = await weir.stop();
    const megabytes = resident / 2 ** 20;
    report.line(
      `  ${times.turns.toLocaleString('en')} turns, ${answered} questions answered, ${megabytes.toFixed(0)} MB resident`,
    );
    report.line(`    the sender was ${Math.max(0, sent.behind_ms).toFixed(0)} ms behind its rate at the end`);
    const said = [
      ['longest turn, time of the thread', times.longest_cpu_ms],
      ['longest turn, by the clock', times.longest_ms],
      ['999 of 1,000 turns, by the clock', times.p999_ms],
      ['longest collection, by the clock', times.longest_gc_ms],
    ] as const;
    for (const [name, value] of said) {
      report.line(`  ${name.padEnd(34)} ${value.toFixed(1)} ms`);
      report.figure({ group, name, value, unit: 'ms' });
    }
    report.figure({ group, name: 'resident', value: megabytes, unit: 'MB' });
    const events = Math.ceil(rate * seconds);
    const isWhole = sent.accepted === events && counters.read === events && sent.others === 0;
    report.goal('every event was accepted meanwhile', isWhole, `${sent.accepted} of ${events}`);
    const pause = `${times.longest_cpu_ms.toFixed(1)} ms (by the clock, neighbours included: ${times.longest_ms.toFixed(1)})`;
    report.goal(`no turn of the loop takes 50 ms in ${seconds} s`, times.longest_cpu_ms < 50, pause);
  } finally {
    weir.close();
  }
}

/** Asks until end(), which gives how many answers came. A refusal is an error. */
function askAlongside(weir: WeirProcess): { end(): Promise<number> } {
  let [isOpen, answers] = [true, 0];
  const done = (async () => {
    while (isOpen) {
      for (const path of asked) {
        const text = await weir.get(path);
        if (text.length === 0) throw new Error(`${path} answered nothing`);
        answers++;
      }
      await wait(ASK_EVERY_MS);
    }
    return answers;
  })();
  return {
    end: () => {
      isOpen = false;
      return done;
    },
  };
}
