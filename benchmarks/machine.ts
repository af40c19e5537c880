import { execFileSync } from 'node:child_process';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What a figure rests on beside the code: without it nobody can repeat it, or say why it differs. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memory_gib: number;
  readonly system: string;
  readonly node: string;
  /** Of the last minute, when the run began: above the number of processors, neighbours took part. */
  readonly load: number;
  /** Of the measured code; null outside a repository. `+` behind it: with changes that are not committed. */
  readonly revision: string | null;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cpus: all.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    load: Math.round((loadavg()[0] as number) * 10) / 10,
    revision: revision(),
  };
}

function revision(): string | null {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+');
  } catch {
    return null;
  }
}

/** One line of it. */
export function machineLine(machine: Machine): string {
  const { cpu, cpus: count, memory_gib, system, node, load, revision: code } = machine;
  return `${count} × ${cpu}, ${memory_gib} GiB, ${system}, Node ${node}, load ${load}${code === null ? '' : `, code ${code}`}`;
}
