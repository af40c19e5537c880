import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './report.ts';

const program = fileURLToPath(new URL('../ui-api/weir.mjs', import.meta.url));
/** Runs in the command's process: what it took of a processor, all threads together. */
const tellTime = `data:text/javascript,${encodeURIComponent(
  'process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write("cpu "+(user+system)+"\\n")})',
)}`;
const seed = 1;

/** All scenarios in one stream into a file, the truth beside it, as a person would ask for it: a process of its own. */
export function benchSimulate(report: Report): void {
  const folder = mkdtempSync(join(tmpdir(), 'weir-simulate-'));
  try {
    const args = ['simulate', 'all', '--seed', String(seed), '--speed', 'max', '--to', join(folder, 'all.ndjson')];
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, ['--import', tellTime, program, ...args]);
    const took_s = (performance.now() - started) / 1000;
    const said = stderr.toString();
    const events = Number(/: ([\d,]+) events/.exec(said)?.[1].replaceAll(',', ''));
    const cpu_s = Number(/cpu (\d+)/.exec(said)?.[1]) / 1e6;
    if (status !== 0 || !(events > 0) || !(cpu_s > 0)) throw new Error(`weir simulate ended with ${status}: ${said}`);
    report.line(
      `weir simulate all --seed ${seed}: ${events} events in ${took_s.toFixed(1)} s, ${cpu_s.toFixed(1)} s of CPU, ` +
        `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    );
    const million_s = (cpu_s / events) * 1e6;
    report.figure({ group: 'simulate', name: '1 M events, CPU', value: million_s, unit: 's' });
    report.goal(
      '1 M simulated events, with their truth, in under 20 s of CPU',
      million_s < 20,
      `${million_s.toFixed(1)} s`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
