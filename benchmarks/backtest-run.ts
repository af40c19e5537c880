import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOfFile } from './live-run.ts';

const program = fileURLToPath(new URL('../ui-api/weir.mjs', import.meta.url));
/** Runs in the command's process: what it took of a processor, all threads together. */
const tellTime = `data:text/javascript,${encodeURIComponent(
  'process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write("cpu "+(user+system)+"\\n")})',
)}`;

/** A `weir backtest --from log` that ended in order. */
export interface Backtest {
  readonly wall_s: number;
  /** Of it what the command says that it read and judged in. */
  readonly elapsed_s: number;
  readonly cpu_s: number;
  readonly accepted: number;
  readonly found: readonly string[];
  readonly rules: Readonly<Record<string, { readonly detections: number }>>;
}

/** A folder with these rules and files beside them, which the backtests of it write into as well. */
export function placeRules(
  folder: string,
  name: string,
  rules: readonly string[],
  files: Readonly<Record<string, string>> = {},
): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [file, text] of Object.entries({ ...files, 'bench.rule.sql': rules.join('\n') })) {
    writeFileSync(join(place, file), text);
  }
  return place;
}

/** In a process of its own, as a person starts it. */
export function backtestLog(data: string, rules: string, options: readonly string[] = []): Backtest {
  const [out, summary] = [join(rules, 'out.ndjson'), join(rules, 'summary.json')];
  const args = ['backtest', rules, '--from', 'log', '--data', data, '--out', out, '--summary', summary, ...options];
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', tellTime, program, ...args], {
    encoding: 'utf8',
  });
  const wall_s = (performance.now() - started) / 1000;
  const cpu_s = Number(/cpu (\d+)/.exec(stderr)?.[1]) / 1e6;
  // 1: it found something.
  if (status !== 0 && status !== 1) throw new Error(`weir backtest ended with ${status}: ${stderr}`);
  const said = JSON.parse(readFileSync(summary, 'utf8')) as Pick<Backtest, 'accepted' | 'rules'> & {
    elapsed_ms: number;
  };
  const { accepted, elapsed_ms, rules: by_rule } = said;
  return { wall_s, cpu_s, accepted, elapsed_s: elapsed_ms / 1000, found: linesOfFile(out), rules: by_rule };
}
