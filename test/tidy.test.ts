import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** The rules of the house, as a test: import direction, sizes, banned calls, dead files, folder READMEs, goldens. */
const root = new URL('..', import.meta.url).pathname;
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const sources = tracked.filter((path) => /^(engine|dsl|connectors|ui-api|benchmarks|test)\/.*\.(ts|mjs)$/.test(path));
const text = new Map(sources.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
const product = sources.filter((path) => !/^(test|benchmarks)\//.test(path));

interface Import {
  from: string;
  /** A path in the repository, 'node:x', or a package name. */
  to: string;
  typeOnly: boolean;
}

function importsOf(path: string): Import[] {
  const found: Import[] = [];
  const pattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  for (const match of (text.get(path) as string).matchAll(pattern)) {
    const target = (match[2] ?? match[3]) as string;
    const to = target.startsWith('.') ? normalize(join(dirname(path), target)) : target;
    found.push({ from: path, to, typeOnly: match[1] !== undefined });
  }
  return found;
}

const imports = sources.flatMap(importsOf);
const folderOf = (path: string) => path.split('/')[0];
const isLocal = (to: string) => /^(engine|dsl|connectors|ui-api|benchmarks|test|rules)\//.test(to);
const packageOf = (to: string) =>
  to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/');

test('imports point one way: engine <- connectors, engine <- dsl, all <- ui-api', () => {
  const allowed: Record<string, string[]> = {
    engine: ['engine'],
    connectors: ['engine', 'connectors'],
    dsl: ['engine', 'dsl'],
    'ui-api': ['engine', 'dsl', 'connectors', 'ui-api'],
  };
  const wrong = imports.filter(
    ({ from, to }) =>
      isLocal(to) && allowed[folderOf(from)] && !allowed[folderOf(from)]?.includes(folderOf(to) as string),
  );
  assert.deepEqual(wrong, []);
});

test('index.ts is the only door of a top-level folder', () => {
  const around = imports.filter(
    ({ from, to }) =>
      product.includes(from) && isLocal(to) && folderOf(from) !== folderOf(to) && to !== `${folderOf(to)}/index.ts`,
  );
  assert.deepEqual(around, []);
});

test('engine/ has no npm package and no node: module, dsl/ no node: module', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      (folderOf(from) === 'engine' && !isLocal(to)) || (folderOf(from) === 'dsl' && to.startsWith('node:')),
  );
  assert.deepEqual(wrong, []);
});

test('each npm package is imported in exactly one folder', () => {
  const home = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (!product.includes(from) || isLocal(to) || to.startsWith('node:')) continue;
    const folders = home.get(packageOf(to)) ?? new Set();
    home.set(packageOf(to), folders.add(dirname(from)));
  }
  const scattered = [...home].filter(([, folders]) => folders.size > 1).map(([name, folders]) => [name, [...folders]]);
  assert.deepEqual(scattered, []);
});

test('no clock, randomness, timer or generated code in engine/ and dsl/', () => {
  const banned =
    /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now|eval\(|new Function)/;
  const wrong = product
    .filter((path) => /^(engine|dsl)\//.test(path))
    .flatMap((path) =>
      (text.get(path) as string)
        .split('\n')
        .map((line, i) => `${path}:${i + 1} ${line.trim()}`)
        .filter((line) => banned.test(line) && !/^\S+ (\*|\/\/|\/\*)/.test(line)),
    );
  assert.deepEqual(wrong, []);
});

test('files stay under 400 lines, and most far under', () => {
  const lines = sources.map((path) => ({ path, count: (text.get(path) as string).split('\n').length }));
  assert.deepEqual(
    lines.filter(({ count }) => count > 400),
    [],
  );
  const counts = lines
    .filter(({ path }) => product.includes(path))
    .map(({ count }) => count)
    .sort((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] as number;
  assert.ok(median <= 150, `the median file of the product has ${median} lines`);
});

/** Lengths of function bodies by the formatter's indentation: a closing brace stands at its opener's column. */
function longFunctions(path: string): string[] {
  const lines = (text.get(path) as string).split('\n');
  const long: string[] = [];
  lines.forEach((line, start) => {
    if (
      !/^(\s*)(export |async |static |private |default )*(function\*? \w+|[#\w]+\(.*\)(: .+)? \{$|get \w+\()/.test(line)
    )
      return;
    if (/^\s*(if|for|while|switch|return|test|describe|it)\b/.test(line)) return;
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const length = lines.slice(start + 1).findIndex((other) => other.startsWith(`${indent}}`)) + 2;
    if (length > 70) long.push(`${path}:${start + 1} ${length} lines`);
  });
  return long;
}

test('functions stay within 70 lines', () => {
  assert.deepEqual(product.flatMap(longFunctions), []);
});

test('no leftovers: TODO, FIXME, skipped or only tests, any, ignored checks, console.log', () => {
  const banned =
    /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|biome-ignore|\bas any\b|: any\b|\.only\(|console\.log/;
  const wrong = sources.filter((path) => path !== 'test/tidy.test.ts' && banned.test(text.get(path) as string));
  assert.deepEqual(wrong, []);
});

test('no dead files: every source is reached from an entry', () => {
  const entries = sources.filter((path) =>
    /\.test\.ts$|^ui-api\/(weir\.mjs|main\.ts)$|^benchmarks\/|^test\//.test(path),
  );
  const reached = new Set(entries);
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const started = [...(text.get(path) as string).matchAll(/new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g)];
    const threads = started.map(([, to]) => normalize(join(dirname(path), to as string)));
    for (const to of [...importsOf(path).map((one) => one.to), ...threads]) {
      if (text.has(to) && !reached.has(to)) {
        reached.add(to);
        queue.push(to);
      }
    }
  }
  assert.deepEqual(
    product.filter((path) => !reached.has(path)),
    [],
  );
});

/** Names that a file exports as values by `export { ... } from` and `export * from`; what it declares itself is not asked. */
function exportedValues(path: string): string[] {
  const found: string[] = [];
  const pattern = /^export (?:\{([^}]*)\}|(\*)) from '([^']+)'/gm;
  for (const [, names, star, from] of (text.get(path) as string).matchAll(pattern)) {
    if (star !== undefined) found.push(...exportedValues(normalize(join(dirname(path), from as string))));
    else found.push(...(names as string).split(',').map((name) => name.trim()));
  }
  return found.filter((name) => name !== '' && !name.startsWith('type '));
}

/** Names that other top-level folders import through the index.ts of a folder. */
function namesAsked(folder: string): Set<string> {
  const pattern = /^(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)'/gm;
  const asked = new Set<string>();
  for (const path of sources.filter((path) => folderOf(path) !== folder)) {
    for (const [, names, from] of (text.get(path) as string).matchAll(pattern)) {
      if (normalize(join(dirname(path), from as string)) !== `${folder}/index.ts`) continue;
      for (const name of (names as string).split(','))
        asked.add(
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] as string,
        );
    }
  }
  return asked;
}

test('no dead exports: every value of a top-level index.ts is imported through it', () => {
  const dead = ['engine', 'dsl', 'connectors'].flatMap((folder) => {
    const asked = namesAsked(folder);
    const exported = exportedValues(`${folder}/index.ts`);
    assert.ok(exported.length > 5, `the exports of ${folder}/index.ts are found`);
    return exported.filter((name) => !asked.has(name)).map((name) => `${folder}/index.ts: ${name}`);
  });
  assert.deepEqual(dead, []);
});

test('every folder of the product has a README.md', () => {
  const folders = new Set(product.map((path) => dirname(path)).concat(['rules', 'test', 'benchmarks']));
  const missing = [...folders].filter(
    (folder) => existsSync(join(root, folder)) && !existsSync(join(root, folder, 'README.md')),
  );
  assert.deepEqual(missing, []);
});

test('every golden has its input and its answer', () => {
  const goldens = tracked.filter((path) => path.startsWith('test/golden/') && /\.(sql|txt)$/.test(path));
  const stems = Map.groupBy(goldens, (path) => path.replace(/\.(sql|txt)$/, ''));
  assert.deepEqual(
    [...stems].filter(([, files]) => files.length !== 2).map(([stem]) => stem),
    [],
  );
});

test('the lock file can serve every platform: no optional package is missing, none names a registry', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const missing: string[] = [];
  for (const entry of Object.values<{ optionalDependencies?: Record<string, string> }>(lock.packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      const known = lock.packages[`node_modules/${name}`];
      // For other platforms npm looks nothing up here; one for all platforms it does.
      const isNamed = known?.integrity !== undefined || (known?.os && known.cpu);
      if (!known?.version || !isNamed || !known.optional) missing.push(name);
    }
  }
  assert.deepEqual(missing, []);
  const resolved = Object.values<{ resolved?: string }>(lock.packages).filter((entry) => entry.resolved !== undefined);
  assert.deepEqual(resolved, [], 'npm install --omit-lockfile-registry-resolved keeps hosts out');
  const scripts = Object.entries<{ hasInstallScript?: boolean }>(lock.packages).filter(
    ([, entry]) => entry.hasInstallScript,
  );
  const names = scripts.map(([name]) => name);
  assert.deepEqual(names, ['node_modules/chdb'], 'an install script could download: that of chdb is `node -e ""`');
});
