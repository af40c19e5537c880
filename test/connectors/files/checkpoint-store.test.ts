import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { CheckpointDirectory } from '../../../connectors/files/checkpoint-store.ts';
import { type FilePort, nodeFiles } from '../../../connectors/files/file-port.ts';
import { encodeSnapshot } from '../../../connectors/files/snapshot-encoding.ts';
import type { Snapshot } from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
import { FaultyFiles, seededRandom, temporaryDirectory } from './faulty-files.ts';

function state(number: number): { number: number; rows: Int32Array; texts: string[] } {
  return { number, rows: new Int32Array(20_000).fill(number), texts: [`t${number}`] };
}

const numberOf = (snapshot: Snapshot) => (snapshot === null ? 0 : (snapshot as { number: number }).number);

test('the latest checkpoint comes back, and the last two are kept', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const store = new CheckpointDirectory({ directory: join(directory, 'checkpoints') });
  assert.equal(await store.read(), null);
  for (let i = 1; i <= 4; i++) await store.write(state(i));
  assert.deepEqual(await store.read(), state(4));
  assert.deepEqual(readdirSync(join(directory, 'checkpoints')).sort(), [
    '000000000003.checkpoint',
    '000000000004.checkpoint',
  ]);
  assert.deepEqual(await new CheckpointDirectory({ directory: join(directory, 'checkpoints') }).read(), state(4));
});

test('concurrent writes are done one after the other', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const store = new CheckpointDirectory({ directory });
  await Promise.all([1, 2, 3].map((i) => store.write(state(i))));
  assert.deepEqual(await store.read(), state(3));
});

test('a damaged checkpoint is passed over with a message', async (t) => {
  const damages: ((bytes: Buffer) => Uint8Array)[] = [
    (bytes) => bytes.subarray(0, bytes.length - 1),
    (bytes) => bytes.subarray(0, 3),
    (bytes) => bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)),
    () => new Uint8Array(0),
  ];
  for (const damage of damages) {
    const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    const messages: string[] = [];
    const store = new CheckpointDirectory({ directory, report: (message) => messages.push(message) });
    await store.write(state(1));
    await store.write(state(2));
    const path = join(directory, '000000000002.checkpoint');
    writeFileSync(path, damage(readFileSync(path)));
    assert.deepEqual(await store.read(), state(1));
    assert.equal(messages.length, 1);
    assert.ok(messages[0].startsWith(`${path}: passed over: `), messages[0]);
    await store.write(state(3));
    assert.deepEqual(await store.read(), state(3));
  }
});

test('one bit that is another one is found, wherever it stands', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const messages: string[] = [];
  const store = new CheckpointDirectory({ directory, report: (message) => messages.push(message) });
  await store.write({ number: 1, rows: Int32Array.of(1, 2, 3), texts: ['a', 'ü'], is: [true, null] });
  const path = join(directory, '000000000001.checkpoint');
  const whole = readFileSync(path);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const damaged = Buffer.from(whole);
    damaged[bit >> 3] ^= 1 << (bit & 7);
    writeFileSync(path, damaged);
    assert.equal(await store.read(), null, `bit ${bit}`);
  }
  assert.equal(messages.length, whole.length * 8);
  const found = messages.filter((message) => message.includes('the checksum is wrong')).length;
  assert.equal(found, (whole.length - 12) * 8, 'all but those in the header are told by the checksum');
});

/** As Weir wrote it until 0.1: all arrays inside the tree, and a CRC32. */
function fileOf(snapshot: Snapshot, format: number): Buffer {
  const head = Buffer.from('WEIRCKPT\0\0\0\0');
  head.writeUInt32LE(format, 8);
  const body = Buffer.concat([head, ...[...encodeSnapshot(snapshot)].map((chunk) => Buffer.from(chunk))]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, sum]);
}

test('a checkpoint of the format before is read, and one of a later format is refused', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const messages: string[] = [];
  const store = new CheckpointDirectory({ directory, report: (message) => messages.push(message) });
  const old = join(directory, '000000000001.checkpoint');
  writeFileSync(old, fileOf(state(1), 1));
  assert.deepEqual(await store.read(), state(1));
  writeFileSync(join(directory, '000000000002.checkpoint'), fileOf(state(2), 3));
  assert.deepEqual(await store.read(), state(1));
  assert.match(messages.join(), /passed over: it has format 3, and this Weir reads the formats 1 and 2\. An older/);
  const damaged = readFileSync(old);
  damaged[70_000] ^= 4;
  writeFileSync(old, damaged);
  assert.equal(await store.read(), null);
  assert.match(messages[2], /passed over: the checksum is wrong/);
});

test('large arrays are read several at once, and the file is closed only when none is read any more', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  let [under_way, most, fails_at] = [0, 0, Number.POSITIVE_INFINITY];
  const files: FilePort = {
    ...nodeFiles,
    open: async (path, mode) => {
      const file = await nodeFiles.open(path, mode);
      const read = async (into: Uint8Array, offset: number) => {
        most = Math.max(most, ++under_way);
        try {
          if (offset >= fails_at) throw new Error('EIO: a bad block');
          return await file.read(into, offset);
        } finally {
          under_way--;
        }
      };
      const close = () => {
        assert.equal(under_way, 0);
        return file.close();
      };
      return { ...file, read, close };
    },
  };
  const messages: string[] = [];
  const store = new CheckpointDirectory({ directory, files, report: (message) => messages.push(message) });
  const large = { list: Array.from({ length: 12 }, (_, i) => new Int32Array(100_000 + i).fill(i)) };
  await store.write(large);
  assert.deepEqual(await store.read(), large);
  assert.ok(most > 1 && most <= 4, `${most} reads at once`);
  fails_at = 2_000_000;
  assert.equal(await store.read(), null);
  assert.match(messages.join(), /passed over: EIO: a bad block/);
});

test('a checkpoint is read in parts, however few bytes a read gives, and damage is told by the checksum', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const random = seededRandom(7);
  const asked: number[] = [];
  const files: FilePort = {
    ...nodeFiles,
    open: async (path, mode) => {
      const file = await nodeFiles.open(path, mode);
      const read = (into: Uint8Array, offset: number) => {
        asked.push(into.length);
        return file.read(into.subarray(0, 1 + Math.floor(random() * into.length)), offset);
      };
      return { ...file, read };
    },
  };
  const messages: string[] = [];
  const store = new CheckpointDirectory({ directory, files, report: (message) => messages.push(message) });
  const large = {
    long: 'ä'.repeat(200_000),
    texts: Array.from({ length: 40_000 }, (_, i) => `text ${i}`),
    numbers: Array.from({ length: 40_000 }, (_, i) => i / 3),
    doubles: Float64Array.from({ length: 400_000 }, (_, i) => i),
    bytes: new Uint8Array(300_000).fill(7),
  };
  await store.write(large);
  assert.deepEqual(await store.read(), large);
  assert.ok(Math.max(...asked) <= 1024 * 1024);
  // Where a length stands, and far behind what is read because of it.
  const path = join(directory, '000000000001.checkpoint');
  const whole = readFileSync(path);
  for (const at of [20, 30, 500_000, whole.length - 2]) {
    writeFileSync(
      path,
      whole.map((byte, i) => (i === at ? byte ^ 0x80 : byte)),
    );
    messages.length = 0;
    assert.equal(await store.read(), null);
    assert.match(messages.join(), /passed over: the checksum is wrong\. An older/);
  }
});

test('a crash before or after any file call leaves the old checkpoint or the new one, whole', async (t) => {
  for (const seed of [1, 2, 3, 4]) {
    let call = 0;
    for (let crashed = true; crashed; call++) {
      const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
      const random = seededRandom(seed * 1000 + call);
      const files = new FaultyFiles(root, { crash_at_call: call, random });
      const store = new CheckpointDirectory({ directory: root, files });
      let acknowledged = 0;
      try {
        for (let i = 1; i <= 4; i++) {
          await store.write(state(i));
          acknowledged = i;
        }
      } catch (error) {
        if (!files.isDead) throw error;
      }
      crashed = files.isDead;
      await files.crash();
      const messages: string[] = [];
      const after = new CheckpointDirectory({ directory: root, report: (message) => messages.push(message) });
      const found = await after.read();
      const number = numberOf(found);
      assert.ok(
        number === acknowledged || number === acknowledged + 1,
        `${number} found, ${acknowledged} acknowledged`,
      );
      if (found !== null) assert.deepEqual(found, state(number));
      assert.deepEqual(messages, []);
      await after.write(state(9));
      assert.equal(numberOf(await after.read()), 9);
    }
    assert.ok(call > 40, `only ${call} calls were tried`);
  }
});

test('a full disk or a failed sync rejects the write, and the older checkpoint stands', async (t) => {
  for (const [call, fault] of [
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
  ] as const) {
    const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    let armed = false;
    const plan = { random: seededRandom(1), fault: (name: string) => (armed && name === call ? fault : undefined) };
    const store = new CheckpointDirectory({ directory: root, files: new FaultyFiles(root, plan) });
    await store.write(state(1));
    armed = true;
    await assert.rejects(store.write(state(2)), new RegExp(fault));
    armed = false;
    assert.deepEqual(await store.read(), state(1));
    await store.write(state(3));
    assert.deepEqual(await store.read(), state(3));
  }
});
