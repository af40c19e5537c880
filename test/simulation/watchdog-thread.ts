import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ParityCase } from './arbitrary.ts';
import { rulesToSql } from './to-sql.ts';

const { what, limit_cpu_ms } = workerData as { what: string; limit_cpu_ms: number };

let checked: ParityCase | null = null;
let begun = process.cpuUsage();

parentPort?.on('message', (parity: ParityCase | null) => {
  checked = parity;
  begun = process.cpuUsage();
});

setInterval(() => {
  const { user, system } = process.cpuUsage(begun);
  if (checked === null || (user + system) / 1000 < limit_cpu_ms) return;
  const said = `a random case does not end: it took ${limit_cpu_ms} ms of the processor. ${what}`;
  writeSync(2, `${said}\n\n${rulesToSql(checked.rules).join('\n\n')}\n\n${JSON.stringify(checked)}\n`);
  // The thread that checks it would not hear of anything else.
  process.kill(process.pid, 'SIGKILL');
}, 200);
