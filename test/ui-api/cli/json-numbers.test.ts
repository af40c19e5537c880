import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactNumbers } from '../../../ui-api/cli/json-numbers.ts';

async function written(text: string, chunk_bytes: number): Promise<string> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk_bytes) yield bytes.subarray(at, at + chunk_bytes);
  }
  const parts: Buffer[] = [];
  for await (const part of exactNumbers(chunks())) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** What comes, and what is made of it. */
const cases = [
  ['{"n":0,"m":-1,"list":[1,9007199254740991]}', null],
  ['{"n":9007199254740992}', '{"n":"9007199254740992"}'],
  ['[-9007199254740993,18446744073709551615,1]\n', '["-9007199254740993","18446744073709551615",1]\n'],
  ['{"d":12345678901234567890.123,"e":1e30,"f":-1.5E-7}', null],
  ['{"12345678901234567890":"a\\\\\\"12345678901234567890","é":"\u{1f600}"}', null],
  ['12345678901234567890', '"12345678901234567890"'],
] as const;

test('whole numbers that a double does not hold become texts, whatever the chunks; every other byte stays', async () => {
  for (const [text, expected] of cases) {
    for (let chunk_bytes = 1; chunk_bytes <= Buffer.byteLength(text); chunk_bytes++) {
      assert.equal(await written(text, chunk_bytes), expected ?? text, `chunks of ${chunk_bytes}`);
    }
  }
});
