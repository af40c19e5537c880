import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure, Goal } from '../../benchmarks/report.ts';

const bench = fileURLToPath(new URL('../../benchmarks/bench.ts', import.meta.url));

/** What a bench wrote when it ran small. No time of it means anything; its answers do. */
export interface Written {
  readonly said: string;
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
}

/** Runs a bench as a person does. It may end with 1: goals about time are missed on a busy machine. */
export function runTiny(...args: readonly string[]): Written {
  const folder = mkdtempSync(join(tmpdir(), 'weir-tiny-'));
  const json = join(folder, 'figures.json');
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', bench, ...args, '--rounds', '1', '--json', json],
      { encoding: 'utf8' },
    );
    assert.ok(status === 0 || status === 1, `${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
    const { figures, goals } = JSON.parse(readFileSync(json, 'utf8')) as Written;
    for (const { group, name, value } of figures) assert.ok(value >= 0, `${group}, ${name}: ${value}`);
    return { said: stdout, figures, goals };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The goal whose name fits: it must be there, and met. */
export function assertMet({ goals, said }: Written, name: RegExp): Goal {
  const goal = goals.find((one) => name.test(one.name));
  assert.ok(goal, `no goal ${name} in: ${said}`);
  assert.ok(goal.met, `${goal.name}: ${goal.figure}`);
  return goal;
}

/** The value of the figure whose name is this. */
export function figureOf({ figures, said }: Written, name: string): number {
  const figure = figures.find((one) => one.name === name);
  assert.ok(figure, `no figure ${name} in: ${said}`);
  return figure.value;
}
