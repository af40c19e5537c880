import { parseArgs } from 'node:util';

/** What a run of the benchmark is told; every bench reads of it what concerns it. */
export interface Settings {
  readonly events: number;
  readonly rounds: number;
  readonly keys: number;
  /** Events a second that are sent to a running Weir, and for how long. */
  readonly rate: number;
  readonly seconds: number;
  /** For `peers` and `history`: where the harness of the other engines is, and where it is built and its events are kept. */
  readonly shared: string | undefined;
  readonly work: string | undefined;
}

export const usage = `npm run bench -- [NAME...] [--events N] [--rounds N] [--keys N] [--rate N] [--seconds N] [--json FILE] [--svg FILE]
npm run bench -- peers|history --shared FOLDER [--work FOLDER] [--events N] [--rounds N] [--keys N] [--seconds N]
npm run bench -- --compare BASE [--events N] [--rounds N] [--json FILE] [--svg FILE]

Speed and memory, as ratios within one run. Exit code 1 when a goal was missed, 2 for wrong use.
NAME: compile, fold, generated, constructs, joins, workers, checkpoint, live, backtest, latency, pauses, memory, simulate; without one, all of them.
      peers and history, with other engines, only by their names.
--events   measured events of each workload; as many fill the windows before (default 1000000; 300000 with --compare)
--rounds   counted rounds of each contestant, in turns (default 4; 12 with --compare)
--keys     accounts of checkpoint, live, backtest, latency, pauses and memory (default 1000000, which the goals are about)
--rate     events a second of latency and pauses (default 20000; latency's goal is about 100000: the sender needs a core too)
--seconds  how long they are sent (default 10; the goal of pauses is about 600)
--shared   holds peers/, the harness of the other engines: Java 17, Maven, Rust and Python for all of them
--work     where they are built and stay built (default: a folder that goes again)
--compare  another checkout's folder or a revision: what the change from there to here did to throughput
--json     writes every figure with its rounds, the goals, and the machine
--svg      writes the figures as a picture`;

export interface Arguments extends Settings {
  readonly names: readonly string[];
  readonly compare: string | undefined;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

/** Ends the process where the arguments are wrong (2), and where help was asked for (0). */
export function readArguments(known: ReadonlySet<string>): Arguments {
  const { values, positionals } = parse();
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  const unknown = positionals.find((name) => !known.has(name));
  if (unknown !== undefined) wrongUse(`there is no bench ${unknown}`);
  const { compare, json, svg, shared, work } = values;
  if (compare !== undefined && positionals.length > 0)
    wrongUse('--compare runs its own workloads: leave the names out');
  const number = (name: 'events' | 'rounds' | 'keys' | 'rate' | 'seconds', otherwise: number): number =>
    wholeNumber(name, values[name], otherwise);
  return {
    ...{ names: positionals, compare, json, svg, shared, work },
    events: number('events', compare === undefined ? 1_000_000 : 300_000),
    rounds: number('rounds', compare === undefined ? 4 : 12),
    keys: number('keys', 1_000_000),
    rate: number('rate', 20_000),
    // Of the others' runs each may take so long.
    seconds: number('seconds', positionals.includes('peers') ? 115 : 10),
  };
}

function parse() {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{
          events: text,
          rounds: text,
          keys: text,
          rate: text,
          seconds: text,
          shared: text,
          work: text,
          json: text,
          svg: text,
          compare: text,
        },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

function wrongUse(what: string): never {
  process.stderr.write(`${what}\n\n${usage}\n`);
  process.exit(2);
}

function wholeNumber(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : wrongUse(`--${name} is a whole number above 0, not ${given}`);
}
