import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DetectionFile } from '../../../connectors/files/detection-sink.ts';
import { atEnd } from '../../at-end.ts';
import { FaultyFiles, seededRandom, temporaryDirectory } from './faulty-files.ts';

const record = (number: number) => ({ id: `d${number}`, revision: 1, text: '€'.repeat(number) });

function idsIn(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '');
  return lines.map((line) => JSON.parse(line).id);
}

test('records behind the known offset are not written twice', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'made/detections.ndjson',
  );
  const first = await DetectionFile.open({ path });
  await first.write([record(1)]);
  const known_offset = first.offset;
  await first.write([record(2), record(3)]);
  await first.close();

  const second = await DetectionFile.open({ path, known_offset });
  assert.equal(second.written_before, 2);
  await second.write([record(2), record(3), record(4)]);
  assert.equal(second.written_before, 0);
  await second.write([{ ...record(4), revision: 2 }]);
  await second.close();
  assert.deepEqual(idsIn(path), ['d1', 'd2', 'd3', 'd4', 'd4']);
});

test('a torn last record is cut with a message and written again', async (t) => {
  for (const tail of ['{"id":"d3","rev', '\0\0\0\0\0\0', '\0\0\0\n{"id":"d4"}\n']) {
    const path = join(
      temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
      'detections.ndjson',
    );
    const first = await DetectionFile.open({ path });
    await first.write([record(1), record(2)]);
    await first.close();
    appendFileSync(path, tail);
    const messages: string[] = [];
    const second = await DetectionFile.open({ path, report: (message) => messages.push(message) });
    assert.equal(messages.length, 1);
    assert.match(messages[0], new RegExp(`cut ${tail.length} bytes at byte ${second.offset}`));
    await second.write([record(1), record(2), record(3)]);
    await second.close();
    assert.deepEqual(idsIn(path), ['d1', 'd2', 'd3']);
  }
});

test('a file that is shorter than the checkpoint knew is told', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'detections.ndjson',
  );
  const first = await DetectionFile.open({ path });
  await first.write([record(1), record(2)]);
  const known_offset = first.offset;
  await first.close();
  truncateSync(path, 0);
  const messages: string[] = [];
  const second = await DetectionFile.open({ path, known_offset, report: (message) => messages.push(message) });
  assert.match(messages[0], /detections were removed from it/);
  await second.write([record(3)]);
  await second.close();
  assert.deepEqual(idsIn(path), ['d3']);
});

test('a crash at any file call loses no acknowledged detection and doubles none', async (t) => {
  for (const seed of [1, 2, 3]) {
    let call = 0;
    for (let crashed = true; crashed; call++) {
      const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
      const path = join(root, 'detections.ndjson');
      const files = new FaultyFiles(root, { crash_at_call: call, random: seededRandom(seed * 1000 + call) });
      let acknowledged = 0;
      try {
        const sink = await DetectionFile.open({ path, files });
        for (let i = 1; i <= 5; i++) {
          await sink.write([record(2 * i - 1), record(2 * i)]);
          acknowledged = 2 * i;
        }
      } catch (error) {
        if (!files.isDead) throw error;
      }
      crashed = files.isDead;
      await files.crash();
      const sink = await DetectionFile.open({ path });
      assert.ok(sink.written_before >= acknowledged, `${sink.written_before} of ${acknowledged} are left`);
      // The restart derives all of them again.
      await sink.write(Array.from({ length: 10 }, (_, i) => record(i + 1)));
      await sink.close();
      assert.deepEqual(
        idsIn(path),
        Array.from({ length: 10 }, (_, i) => `d${i + 1}`),
      );
    }
    assert.ok(call > 15, `only ${call} calls were tried`);
  }
});

test('after an error the sink takes nothing more and says why', async (t) => {
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  let armed = false;
  const plan = {
    random: seededRandom(1),
    fault: (call: string) => (armed && call === 'write' ? 'ENOSPC' : undefined),
  } as const;
  const sink = await DetectionFile.open({ path: join(root, 'd'), files: new FaultyFiles(root, plan) });
  armed = true;
  await assert.rejects(sink.write([record(1)]), /the disk is full/);
  armed = false;
  await assert.rejects(sink.write([record(2)]), /until a restart/);
  await sink.close();
});
