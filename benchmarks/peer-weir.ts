import { openSync, readFileSync, readSync } from 'node:fs';
import { Engine } from '../engine/index.ts';
import { peerRules, peerStream, rulesOfTable } from './peer-rules.ts';
import { programOf } from './program.ts';

/**
 * Weir in the manner of the comparison's harness: `peer-weir.ts FILE PRE MAX_SECONDS [rules.tsv]`. Reads the file, judges
 * all events in one process, and prints a line of JSON: wall rate and time of all threads behind the first PRE events, and
 * how often each rule fired. Reading, decoding and validating are on the clock, as they are for the others.
 */
const READ_BYTES = 1 << 20;
const AT_ONCE = 1000;

const [file, pre_text, most_seconds, table] = process.argv.slice(2) as [string, string, string, string | undefined];
const pre = Number(pre_text);
const rules = table === undefined ? peerRules : rulesOfTable(readFileSync(table, 'utf8'));
const engine = new Engine(programOf([peerStream, ...rules]));
const fired = new Map<string, number>();
let detections = 0;

function take(): void {
  for (const { rule } of engine.advance().detections) {
    fired.set(rule, (fired.get(rule) ?? 0) + 1);
    detections++;
  }
}

const cpu_s = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

interface Mark {
  readonly n: number;
  readonly at_ms: number;
  readonly cpu_s: number;
}

/** Where the rate is taken from: a mark each 1,000 events would be the collector's work. */
const marks: Mark[] = [];
const mark = (n: number): Mark => ({ n, at_ms: performance.now(), cpu_s: cpu_s() });

/** Gives the number of events, and whether the time was over before the file was. */
function run(first: Mark): { n: number; cut: boolean } {
  const descriptor = openSync(file, 'r');
  let rest: Buffer = Buffer.alloc(0);
  for (let n = 0; ; ) {
    const block = Buffer.allocUnsafe(rest.length + READ_BYTES);
    rest.copy(block);
    const read = readSync(descriptor, block, rest.length, READ_BYTES, null);
    const end = rest.length + read;
    let from = 0;
    for (let to = block.indexOf(10); to !== -1 && to < end; to = block.indexOf(10, from)) {
      const record = { partition: 'file', position: n, received_at: 4e12, bytes: block.subarray(from, to) };
      engine.apply(n, { kind: 'record', record });
      n++;
      from = to + 1;
      if (n % AT_ONCE === 0) take();
      if (n === pre || n % 100_000 === 0) marks.push(mark(n));
    }
    rest = block.subarray(from, end);
    const cut = (performance.now() - first.at_ms) / 1000 > Number(most_seconds);
    if (!cut && read > 0) continue;
    engine.apply(n, { kind: 'end' });
    take();
    return { n, cut };
  }
}

const first = mark(0);
const { n, cut } = run(first);
const last = mark(n);
const from = marks.find((one) => one.n === pre && n > pre) ?? marks[marks.length >> 1] ?? first;
const { read, accepted } = engine.counters;
if (read !== n || accepted !== n) throw new Error(`${accepted} of ${n} events were accepted`);
const said = {
  ...{ name: 'weir', n, cut, pre: from.n, st: Math.round(((n - from.n) / (last.at_ms - from.at_ms)) * 1000) },
  overall: Math.round((n / (last.at_ms - first.at_ms)) * 1000),
  stCpuPerM: ((last.cpu_s - from.cpu_s) / (n - from.n)) * 1e6,
  cpuPerM: ((last.cpu_s - first.cpu_s) / n) * 1e6,
  alerts: table === undefined ? peerRules.map((_, i) => fired.get(`r${i + 1}`) ?? 0) : [detections],
};
process.stdout.write(`${JSON.stringify(said)}\n`);
