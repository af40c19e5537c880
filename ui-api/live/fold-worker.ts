import { parentPort, workerData } from 'node:worker_threads';
import type { ProgramPlan } from '../../dsl/index.ts';
import { PartFold, type PartMessage, PartServant, type ProgramPart } from '../../engine/index.ts';
import { digest } from '../cli/rules.ts';
import { programOfPart } from './worker-parts.ts';

/** What a thread is told that folds a part of the rules that run. */
export interface FoldJob {
  readonly plan: ProgramPlan;
  readonly part: ProgramPart;
}

const { plan, part } = workerData as FoldJob;
const { program } = programOfPart(plan, part, digest);
const servant = new PartServant((snapshot) => new PartFold(program, { shards: 1, stores: part.stores }, snapshot));
parentPort?.on('message', (message: PartMessage) => parentPort?.postMessage(servant.answer(message)));
