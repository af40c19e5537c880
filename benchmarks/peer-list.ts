import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run of the comparison works: the shared folder, its own, the events, and where the first phase ends. */
export interface PeerPlace {
  readonly shared: string;
  readonly work: string;
  readonly file: string;
  readonly pre: number;
  readonly most_seconds: number;
}

/** Rules of a run: the ten mixed ones, or so many generated ones. */
export type PeerRules = 'ten' | 100 | 1000;

export interface Peer {
  readonly name: string;
  /** What it needs, for the message where that is missing. */
  readonly needs: string;
  /** The mixed rules (1 to 10) of which it counts the same as their definition; see the comparison's report, section 5. */
  readonly same: readonly number[];
  /** Builds it; throws what the tool said. */
  build(place: PeerPlace): void;
  command(place: PeerPlace, rules: PeerRules): readonly [string, ...string[]];
}

const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function tool(place: PeerPlace, command: string, args: readonly string[], folder = place.work): void {
  try {
    const env = { ...process.env, CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS: 'fallback' };
    execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
    const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-3).join(' ').trim();
    throw new Error(said === '' ? message : said);
  }
}

/** Table of generated rules, as the comparison hands them to its peers. */
export function rulesTable({ work }: PeerPlace, rules: number): string {
  return join(work, `rules-${rules}.tsv`);
}

function jvm(name: string, folder: string, main: string, same: readonly number[], args: Arguments): Peer {
  return {
    ...{ name, same, needs: 'Java 17, Maven and its repository' },
    // It leaves the class path and the classes in the work folder.
    build: (place) => tool(place, 'sh', [join(place.shared, 'peers', folder, 'build.sh')]),
    command: (place, rules) => {
      const path = `${join(place.work, `${folder}-classes`)}:${readFileSync(join(place.work, `${folder}.cp`), 'utf8').trim()}`;
      return ['java', '-Xms8g', '-Xmx8g', '-XX:+UseParallelGC', '-cp', path, main, ...args(place, rules)];
    },
  };
}

type Arguments = (place: PeerPlace, rules: PeerRules) => string[];

/** FILE PRE MAX_SECONDS THREADS, the rules before and their table behind, as the harness reads them. */
const usual =
  (ten: string, behind: readonly string[] = []): Arguments =>
  (place, rules) => {
    const { file, pre, most_seconds } = place;
    const table = rules === 'ten' ? 'x' : rulesTable(place, rules);
    return [rules === 'ten' ? ten : String(rules), file, String(pre), String(most_seconds), '1', table, ...behind];
  };

const rsigma: Peer = {
  name: 'RSigma',
  needs: 'Rust 1.95 with cargo, its registry, and Python 3',
  same: [1, 2, 5, 10],
  build: (place) => {
    const folder = join(place.work, 'rsigma');
    if (!existsSync(folder)) {
      cpSync(join(place.shared, 'peers', 'rsigma'), folder, { recursive: true });
      // What it rests on is older than its newest: that asks for a newer Rust than the harness does (so does tool()).
      appendFileSync(join(folder, 'Cargo.toml'), dependencyPins(readFileSync(join(folder, 'Cargo.toml'), 'utf8')));
    }
    tool(place, 'cargo', ['build', '--release', '--quiet'], folder);
    tool(place, 'python3', [join(place.shared, 'peers', 'rsigma', 'ten.py'), place.work, place.work]);
  },
  command: ({ work, file, pre, most_seconds }, rules) => [
    join(work, 'rsigma', 'target', 'release', 'rsbench'),
    ...[join(work, `rules-${rules}.yml`), file, String(pre), String(most_seconds), 'fast'],
  ],
};

/** Further dependencies as a table of their own behind the file's last one. */
function dependencyPins(manifest: string): string {
  const pins = { yamlpath: '>=1.27, <1.28', yamlpatch: '>=1.26, <1.28' };
  const tables = Object.entries(pins).map(([name, version]) => `[dependencies.${name}]\nversion = "${version}"\n`);
  return `${manifest.endsWith('\n') ? '' : '\n'}${tables.join('')}`;
}

export const peers: readonly Peer[] = [
  jvm('Esper', 'esper', 'EsperBench', all, usual('tenPattern')),
  jvm('Flink SQL', 'flink', 'FlinkBench', all, usual('ten', ['off', 'jackson'])),
  // Its session window is quadratic: R10 is a sliding one there.
  jvm('Siddhi', 'siddhi', 'SiddhiBench', all.slice(0, 9), usual('ten')),
  rsigma,
];
