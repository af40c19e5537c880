import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LogReader } from '../log/log-reader.ts';
import type { FileKind, FromSink, JudgedTo, Seen, SinkWork, ToSink } from './sink-messages.ts';
import { StoreClient, StoreDown, StoreRefused } from './store-client.ts';
import { type RecordFile, StoreSink } from './store-sink.ts';

/** Time between two looks at whether the sink has news for the engine's thread. */
const tell_ms = 100;

/** Of what was told of how far the log is judged, so much is kept: a sink that is further behind says it later. */
const kept_judged = 1000;

/** The sink's thread: it reads what the engine's thread has put on disk, and only says what it did. */
const port = parentPort as MessagePort;
const { log_directory, position_path, source, files, seen: first } = workerData as SinkWork;
let seen = first;
let judged: JudgedTo[] = [];
let prepared: (failure: Extract<ToSink, { kind: 'prepared' }>['failure']) => void = () => undefined;

const say = (message: FromSink): void => port.postMessage(message);
const reader = new LogReader(log_directory);
const log = {
  readBatches: (from: number) => reader.readBatches(from, seen.log_end),
  position_at: (received_at_ms: number) => reader.positionAt(received_at_ms, seen.log_end),
  get end_position(): number {
    return seen.log_end;
  },
};
const recordFiles: Partial<Record<FileKind, RecordFile>> = {};
for (const [kind, path] of Object.entries(files) as [FileKind, string][]) {
  recordFiles[kind] = { path, durable: () => seen.durable[kind] ?? 0 };
}

/** The greatest stream time before which everything is judged at a position of the log; null: not known. */
function judgedAt(position: number): number | null {
  const known = judged.findLast((to) => to.position <= position);
  if (known !== undefined) judged = judged.slice(judged.indexOf(known));
  return known?.watermark_ms ?? null;
}

const sink = new StoreSink({
  ...{ client: new StoreClient(() => seen.place), log, files: recordFiles, source, position_path, judgedAt },
  // The tables follow the rules, which the engine's thread has.
  prepare: async () => {
    const answer = new Promise<Parameters<typeof prepared>[0]>((resolve) => {
      prepared = resolve;
    });
    say({ kind: 'prepare' });
    const failure = await answer;
    if (failure === null) return;
    throw failure.code === null ? new StoreDown(failure.message) : new StoreRefused(failure.message, failure.code);
  },
  report: (message) => say({ kind: 'report', message }),
});

let told = '';
function tell(): void {
  const status = sink.status();
  const said: FromSink = { kind: 'status', status, through: seen.log_end - status.behind };
  const text = JSON.stringify(said);
  if (text !== told) say(said);
  told = text;
}

port.on('message', (message: ToSink) => {
  if (message.kind === 'seen') see(message.seen);
  else if (message.kind === 'prepared') prepared(message.failure);
  else void stop(message.within_ms);
});

function see(news: Seen): void {
  if (news.judged !== null) judged = [...judged.slice(-kept_judged), news.judged];
  seen = news;
}

async function stop(within_ms: number): Promise<void> {
  await sink.stop(within_ms);
  tell();
  say({ kind: 'stopped' });
}

setInterval(tell, tell_ms);
sink.start();
