import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCheckpoint } from './checkpoint.ts';
import { compareWith } from './compare.ts';
import { benchCompile } from './compile.ts';
import { benchFold } from './fold.ts';
import { benchJoins } from './joins.ts';
import { describeMachine, machineLine } from './machine.ts';
import { benchConstructs, benchGeneratedRules } from './many-rules.ts';
import { pictureOf } from './picture.ts';
import { Report } from './report.ts';
import { benchSimulate } from './simulate.ts';

const usage = `npm run bench -- [NAME...] [--events N] [--rounds N] [--json FILE] [--svg FILE]
npm run bench -- --compare BASE [--events N] [--rounds N] [--json FILE] [--svg FILE]

Speed and memory, as ratios within one run. Exit code 1 when a goal was missed, 2 for wrong use.
NAME: compile, fold, generated, constructs, joins, checkpoint, simulate; without one, all of them.
--events   measured events of each workload; as many fill the windows before (default 1000000; 300000 with --compare)
--rounds   counted rounds of each contestant, in turns (default 4; 12 with --compare)
--compare  another checkout's folder or a revision: what the change from there to here did to throughput
--json     writes every figure with its rounds, the goals, and the machine
--svg      writes the figures as a picture`;

const benches = new Map<string, (report: Report, events: number, rounds: number) => void | Promise<void>>([
  ['compile', benchCompile],
  ['fold', benchFold],
  ['generated', benchGeneratedRules],
  ['constructs', benchConstructs],
  ['joins', benchJoins],
  ['checkpoint', benchCheckpoint],
  ['simulate', benchSimulate],
]);

function wrongUse(what: string): never {
  process.stderr.write(`${what}\n\n${usage}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      allowPositionals: true,
      options: { events: text, rounds: text, json: text, svg: text, compare: text, help: { type: 'boolean' } },
    });
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

function wholeNumber(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : wrongUse(`--${name} is a whole number above 0, not ${given}`);
}

const { values, positionals } = readArguments();
if (values.help === true) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const unknown = positionals.find((name) => !benches.has(name));
if (unknown !== undefined) wrongUse(`there is no bench ${unknown}`);
const { compare } = values;
if (compare !== undefined && positionals.length > 0) wrongUse('--compare runs its own workloads: leave the names out');
const events = wholeNumber('events', values.events, compare === undefined ? 1_000_000 : 300_000);
const rounds = wholeNumber('rounds', values.rounds, compare === undefined ? 4 : 12);

const machine = describeMachine();
const report = new Report();
report.line(machineLine(machine));
if (compare !== undefined) await compareWith(compare, report, events, rounds);
else
  for (const name of positionals.length > 0 ? positionals : benches.keys())
    await benches.get(name)?.(report, events, rounds);
const { figures, goals } = report;
if (values.json !== undefined) {
  const written = { machine, events, rounds, figures, goals };
  writeFileSync(values.json, `${JSON.stringify(written, null, 2)}\n`);
}
if (values.svg !== undefined) writeFileSync(values.svg, pictureOf(figures, machine));
process.exitCode = compare === undefined ? report.close() : 0;
