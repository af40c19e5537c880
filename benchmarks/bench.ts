import { benchCheckpoint } from './checkpoint.ts';
import { benchCompile } from './compile.ts';
import { benchFold } from './fold.ts';
import { benchJoins } from './joins.ts';
import { benchConstructs, benchGeneratedRules } from './many-rules.ts';
import { Report } from './report.ts';
import { benchSimulate } from './simulate.ts';

/** `npm run bench [EVENTS]`: everything, in one process; exit code 1 when a goal was missed. */
const events = Number(process.argv[2] ?? 1_000_000);
const report = new Report();
benchCompile(report);
await benchFold(report, events);
await benchGeneratedRules(report, events);
await benchConstructs(report, events);
await benchJoins(report, events);
benchCheckpoint(report);
benchSimulate(report);
process.exitCode = report.close();
