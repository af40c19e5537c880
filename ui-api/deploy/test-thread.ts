import { Worker } from 'node:worker_threads';

/** All tests of all rules have to be done in this time. */
const within_ms = 120_000;
const heap_mb = 1024;

/** A thread that was ended because it took more than it may, in words: 'took more than 120 s'. */
export class ThreadBound extends Error {}

export interface TestThread<Answer> {
  /** Rejects with ThreadBound, or with an Error when the thread itself fails or was ended. */
  readonly answer: Promise<Answer>;
  /** Ends it, done or not. */
  end(): Promise<void>;
}

/** Work of seconds that is asked one question and gives one answer, with bounded time and memory, while events go on being taken. */
export function beginThread<Answer>(entry: URL, question: unknown): TestThread<Answer> {
  const worker = new Worker(entry, {
    workerData: question,
    resourceLimits: { maxOldGenerationSizeMb: heap_mb },
  });
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<Answer>((resolve, reject) => {
    timer = setTimeout(() => reject(new ThreadBound(`took more than ${within_ms / 1000} s`)), within_ms);
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(isFull ? new ThreadBound(`took more than ${heap_mb} MB`) : error);
    });
    worker.once('exit', (code) => reject(new Error(`the thread of the tests ended with ${code}`)));
  });
  const end = async (): Promise<void> => {
    clearTimeout(timer);
    await worker.terminate();
  };
  return { answer, end };
}
