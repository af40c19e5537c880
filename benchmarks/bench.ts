import { writeFileSync } from 'node:fs';
import { benchBacktest } from './backtest.ts';
import { benchCheckpoint } from './checkpoint.ts';
import { compareWith } from './compare.ts';
import { benchCompile } from './compile.ts';
import { benchFold } from './fold.ts';
import { benchHistory } from './history.ts';
import { benchJoins } from './joins.ts';
import { benchLatency } from './latency.ts';
import { benchLive } from './live.ts';
import { describeMachine, machineLine } from './machine.ts';
import { benchConstructs, benchGeneratedRules } from './many-rules.ts';
import { benchMemory } from './memory.ts';
import { method } from './method.ts';
import { benchPauses } from './pauses.ts';
import { benchPeers } from './peers.ts';
import { pictureOf } from './picture.ts';
import { Report } from './report.ts';
import { readArguments, type Settings } from './settings.ts';
import { benchSimulate } from './simulate.ts';
import { benchWorkers } from './workers.ts';

type Bench = (report: Report, settings: Settings) => void | Promise<void>;

const benches = new Map<string, Bench>([
  ['compile', benchCompile],
  ['fold', benchFold],
  ['generated', benchGeneratedRules],
  ['constructs', benchConstructs],
  ['joins', benchJoins],
  ['workers', benchWorkers],
  ['checkpoint', benchCheckpoint],
  ['live', benchLive],
  ['backtest', benchBacktest],
  ['latency', benchLatency],
  ['pauses', benchPauses],
  ['memory', benchMemory],
  ['simulate', benchSimulate],
]);
/** Needs what most machines do not have: runs only where it is named. */
const named = new Map<string, Bench>([
  ['peers', benchPeers],
  ['history', benchHistory],
]);

const { names, compare, json, svg, ...settings } = readArguments(new Set([...benches.keys(), ...named.keys()]));
const machine = describeMachine();
const report = new Report();
report.line(machineLine(machine));
report.line(method);
if (compare !== undefined) await compareWith(compare, report, settings.events, settings.rounds);
else
  for (const name of names.length > 0 ? names : benches.keys())
    await (benches.get(name) ?? named.get(name))?.(report, settings);
const { figures, goals } = report;
if (json !== undefined) {
  writeFileSync(json, `${JSON.stringify({ machine, method, ...settings, figures, goals }, null, 2)}\n`);
}
if (svg !== undefined) writeFileSync(svg, pictureOf(figures, machine));
process.exitCode = compare === undefined ? report.close() : 0;
