import { parentPort, workerData } from 'node:worker_threads';
import { diskReader } from '../cli/rules.ts';
import { type GateQuestion, judgeRemoval, judgeRule, type RemovalQuestion } from './rule-gate.ts';

/** Judges one change in a thread of its own: compiling and testing take seconds, in which events go on being taken. */
const question = workerData as GateQuestion | RemovalQuestion;
const disk = diskReader(question.folder);
parentPort?.postMessage('removed' in question ? judgeRemoval(disk, question) : judgeRule(disk, question));
