import { parentPort, workerData } from 'node:worker_threads';
import { diskReader } from '../cli/rules.ts';
import { type GateQuestion, judgeRule } from './rule-gate.ts';

/** Judges one rule in a thread of its own: compiling and testing take seconds, in which events go on being taken. */
const question = workerData as GateQuestion;
parentPort?.postMessage(judgeRule(diskReader(question.folder), question));
