import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PartsFile, UnusableFile, writeParts } from '../../../connectors/columns/parts-file.ts';
import type { Snapshot } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';

/** Larger than what small things are read through, so that its arrays are filled from the file. */
const large = 300_000;
const parts = new Map<string, Snapshot>([
  ['none', []],
  ['small', Uint16Array.of(1, 2, 60_000)],
  ['large', { bytes: Uint8Array.from({ length: large }, (_, i) => i % 251), ends: Float64Array.of(0.5, -0, 7) }],
  ['mixed', [{ name: 'ä', of: null }, 'x'.repeat(large), Int32Array.from({ length: large }, (_, i) => -i)]],
]);

test('a part is what was written, checked before or not', (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'a',
  );
  writeParts(path, { of: 'test' }, parts);
  const file = PartsFile.open(path);
  assert.ok(file !== null);
  for (const [name, part] of parts) assert.deepEqual(file.part(name), part, name);
  file.check([...parts.keys()], () => new Set());
  for (const [name, part] of parts) assert.deepEqual(file.part(name), part, name);
});

test('whatever byte of a file is another one, or missing, a part is what was written or the file is of no use', (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'a',
  );
  writeParts(path, { of: 'test' }, parts);
  const whole = readFileSync(path);
  const place = fc.oneof(fc.nat({ max: 700 }), fc.nat({ max: whole.length - 1 }));
  const tell = (of: () => Snapshot): Snapshot | 'of no use' => {
    try {
      return of();
    } catch (error) {
      assert.ok(error instanceof UnusableFile, String(error));
      return 'of no use';
    }
  };
  let useless = 0;
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, isCut) => {
      const bytes = Buffer.from(isCut ? whole.subarray(0, at) : whole);
      if (!isCut) bytes[at] ^= change;
      writeFileSync(path, bytes);
      for (const [name, part] of parts) {
        const told = tell(() => PartsFile.open(path)?.part(name) ?? null);
        if (told === 'of no use') useless++;
        else assert.deepEqual(told, part, name);
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(useless > 100, `${useless}`);
});
