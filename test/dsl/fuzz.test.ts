import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile, format, renderDiagnostics } from '../../dsl/index.ts';
import { SeededRandom } from '../../dsl/packs/random.ts';

const root = new URL('../..', import.meta.url).pathname;
const texts = ['rules', 'test/golden'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.sql'))
    .map((path) => readFileSync(join(root, folder, path), 'utf8')),
);
const words = texts.flatMap((text) => text.match(/\w+|'[^'\n]*'|[^\s\w]/g) ?? []);
const runs = Number(process.env.WEIR_FUZZ_RUNS ?? 2_000);
/** An honest compilation takes a few milliseconds; a machine that is busy elsewhere is no hang. */
const hang_ms = 2_000;

/** A rule text with a few cuts, repeats, exchanged words and strange characters. */
function mutated(random: SeededRandom): string {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  let text = pick(texts);
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

test(`${runs} mutated rule texts: no crash, no hang, each refusal has a place inside the text; fmt keeps what parses`, () => {
  const random = new SeededRandom(4);
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const file = { path: 'fuzz.rule.sql', text: mutated(random) };
    const started = performance.now();
    const { plan, diagnostics } = compile([file]);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.equal(plan === null, errors.length > 0, file.text);
    for (const { place, message } of diagnostics) {
      assert.ok(place !== null && place.offset >= 0 && place.length >= 0, `${message}\n${file.text}`);
      // What is missing at the end is pointed at directly behind the text.
      assert.ok(place.offset + place.length <= file.text.length + 1, `${message}\n${file.text}`);
      assert.ok(message.length > 0);
    }
    renderDiagnostics(diagnostics, [file], { color: false });
    const { text } = format(file);
    if (text !== null) {
      assert.equal(format({ ...file, text }).text, text, file.text);
      assert.equal(compile([{ ...file, text }]).plan?.hash, plan?.hash, file.text);
    }
    refused += errors.length > 0 ? 1 : 0;
    assert.ok(performance.now() - started < hang_ms, `${performance.now() - started} ms for\n${file.text}`);
  }
  assert.ok(refused > runs / 4 && refused < runs, `${refused} of ${runs} were refused`);
});
