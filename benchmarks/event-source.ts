import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { wideEvent } from './wide-events.ts';
import { type WorkloadOptions, workload } from './workload.ts';

const LINES_AT_ONCE = 256;

function* pieces(options: WorkloadOptions): Generator<string> {
  let piece = '';
  let lines = 0;
  for (const event of workload(options)) {
    piece += `${JSON.stringify(wideEvent(event))}\n`;
    if (++lines < LINES_AT_ONCE) continue;
    yield piece;
    piece = '';
    lines = 0;
  }
  yield piece;
}

/**
 * A process that writes the events of a workload, told as JSON in the argument, one a line: who measures the memory of an
 * engine holds nothing of what makes its events.
 */
await pipeline(Readable.from(pieces(JSON.parse(process.argv[2] as string) as WorkloadOptions)), process.stdout);
