import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { addBacktestCommand } from '../../ui-api/cli/backtest.ts';
import { seeded } from '../simulation/random.ts';
import { ruleFolder } from '../ui-api/cli/rule-folder.ts';
import { runCli } from '../ui-api/cli/run-cli.ts';
import { declaredRules, randomLog, type Strangeness, settings, writeLog } from './column-world.ts';

/** A data folder with rules beside it. */
export class World {
  readonly folder: string;

  constructor(context: TestContext) {
    this.folder = ruleFolder(context, { 'rules/corp.csv': 'net,reason\n10.1.0.0/16,office\n' });
    this.say(settings[0], declaredRules);
  }

  say(stream: string, rules: string): void {
    mkdirSync(join(this.folder, 'rules'), { recursive: true });
    writeFileSync(join(this.folder, 'rules', 'events.stream.sql'), stream);
    writeFileSync(join(this.folder, 'rules', 'all.rule.sql'), rules);
  }

  get columns(): string {
    return join(this.folder, 'var', 'columns');
  }

  get log(): string {
    return join(this.folder, 'var', 'log');
  }

  /** All that a backtest says, but what it took, and what it says of columns. */
  async backtest(...args: string[]) {
    const [summary, tables, letters] = ['summary.json', 'tables.ndjson', 'letters.ndjson'];
    const files = ['--summary', summary, '--tables', tables, '--dead-letters', letters];
    const all = ['backtest', 'rules', '--from', 'log', '--data', join(this.folder, 'var'), ...files, ...args];
    const { code, stdout, stderr } = await runCli(addBacktestCommand, this.folder, ...all);
    assert.equal(code, 0, stderr);
    const read = (name: string) => readFileSync(join(this.folder, name), 'utf8');
    const { state_bytes: _, elapsed_ms, events_per_second, notes: ___, ...rest } = JSON.parse(read(summary));
    const notes = stderr.split('\n').filter((line) => line.includes('note:'));
    const isOfColumns = (note: string) => /columns/.test(note);
    return {
      said: {
        stdout,
        summary: rest,
        tables: read(tables),
        letters: read(letters),
        notes: notes.filter((note) => !isOfColumns(note)),
      },
      notes: notes.filter(isOfColumns).join('\n'),
      segments: Number(/note: (\d+) segments? of the log read as columns/.exec(stderr)?.[1] ?? 0),
    };
  }

  /** What a backtest says that reads the log alone: no columns are there, and none can be made. */
  async ofRecords(...args: string[]) {
    rmSync(this.columns, { recursive: true, force: true });
    writeFileSync(this.columns, 'a file');
    const all = await this.backtest(...args);
    rmSync(this.columns);
    assert.equal(all.segments, 0);
    return all;
  }

  /** What a backtest says that finds no columns; it makes them. */
  afresh(...args: string[]) {
    rmSync(this.columns, { recursive: true, force: true });
    return this.backtest(...args);
  }
}

/** Names of the files of columns, and of the door's state behind them. */
export function columnFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== 'checked.json')
    .sort();
}

export async function worldOf(context: TestContext, seed: number, count: number, how: Strangeness): Promise<World> {
  const world = new World(context);
  await writeLog(world.log, randomLog(seed, count, how), seeded(seed));
  return world;
}

export const calm: Strangeness = { without_id: 0, restarts: false };
