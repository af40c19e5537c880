import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, format, renderDiagnostics } from '../../dsl/index.ts';
import { SeededRandom } from '../../dsl/packs/random.ts';

const root = new URL('../..', import.meta.url).pathname;
const textsIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.sql'))
    .map((path) => readFileSync(join(root, folder, path), 'utf8'));
/** Most goldens are wrong rules, and what is wrong already hides what a mutation does behind it. */
const right = [...textsIn('rules'), ...textsIn('test/golden/language')];
const texts = [...right, ...textsIn('test/golden/errors')];
const words = texts.flatMap((text) => text.match(/\w+|'[^'\n]*'|[^\s\w]/g) ?? []);

/** A rule text with a few cuts, repeats, exchanged words and strange characters. */
function mutated(random: SeededRandom): string {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  let text = pick(random.below(2) === 0 ? right : texts);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    const to = Math.min(text.length, at + random.below(40));
    const inserted = [
      () => '',
      () => ` ${pick(words)} `,
      () => text.slice(at, to).repeat(2),
      () =>
        pick(["'", '"', '(', ')', '/*', '--', ';', '\u0000', '😀', '\ud800', '\u202e', ':', '::', '9e999', '[', '||']),
      () => pick(texts).slice(0, random.below(200)),
    ];
    text = text.slice(0, at) + pick(inserted)() + text.slice(to);
  }
  return text;
}

/** Whether the text was refused. Throws where a refusal has no place, where fmt changes a meaning, and on a crash. */
export function checkText(text: string): boolean {
  const file = { path: 'fuzz.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(plan === null, errors.length > 0, text);
  for (const { place, message } of diagnostics) {
    assert.ok(place !== null && place.offset >= 0 && place.length >= 0, `${message}\n${text}`);
    // What is missing at the end is pointed at directly behind the text.
    assert.ok(place.offset + place.length <= text.length + 1, `${message}\n${text}`);
    assert.ok(message.length > 0);
  }
  renderDiagnostics(diagnostics, [file], { color: false });
  const formatted = format(file).text;
  if (formatted !== null) {
    assert.equal(format({ ...file, text: formatted }).text, formatted, text);
    assert.equal(compile([{ ...file, text: formatted }]).plan?.hash, plan?.hash, text);
  }
  return errors.length > 0;
}

/** The time that this process worked: what others do on the machine is not in it. */
function worked_ms(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The time on the wall, which costs nothing to read: what it says is enough, the process worked no longer. */
function passed_ms(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

export interface FuzzFigures {
  texts: number;
  refused: number;
  /** The most that one text took of this process's work: compiled (with its diagnostics rendered), formatted, compiled and formatted again. */
  slowest_ms: number;
  failures: string[];
}

/** Checks so many mutated texts of a seed. What fails is told and kept, and the others are still checked. */
export function fuzzRules(seed: number, count: number, hang_ms: number): FuzzFigures {
  const random = new SeededRandom(seed);
  const figures: FuzzFigures = { texts: 0, refused: 0, slowest_ms: 0, failures: [] };
  for (let n = 0; n < count; n++) {
    const text = mutated(random);
    figures.texts++;
    try {
      const check = () => {
        if (checkText(text)) figures.refused++;
      };
      const took_ms = passed_ms(check);
      // What others do, collecting garbage or compiling code may fall into the time of any text: a slow one is slow each time.
      const least_ms =
        took_ms <= figures.slowest_ms ? took_ms : Math.min(...[1, 2, 3].map(() => worked_ms(() => checkText(text))));
      figures.slowest_ms = Math.max(figures.slowest_ms, least_ms);
      assert.ok(least_ms < hang_ms, `${least_ms} ms for\n${text}`);
    } catch (error) {
      figures.failures.push(String(error));
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, `${seed}-${n}.txt`), text);
    }
  }
  return figures;
}

const kept = join(root, 'test/dsl/fuzz-regressions');

/** Texts that failed once. */
export function keptTexts(): [string, string][] {
  const names = existsSync(kept) ? readdirSync(kept) : [];
  return names.map((name) => [name, readFileSync(join(kept, name), 'utf8')]);
}
