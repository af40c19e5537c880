import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventRows } from '../../../engine/door/event-rows.ts';
import { ReorderStage } from '../../../engine/door/reorder.ts';
import { doorProgram } from './harness.ts';

const texts = { textOf: String, hashOf: (id: number) => id };
const utf8 = new TextEncoder();

class Stage {
  readonly rows = new EventRows(doorProgram(), texts);
  readonly reorder = new ReorderStage(this.rows);
  #entry = 0;

  add(timestamp: number, seq: number): void {
    const event = {
      timestamp,
      seq,
      id: new Uint8Array(0),
      tenant: 1,
      contentHash: () => '',
      failed_casts: new Int32Array(0),
      values: new Float64Array(2),
    };
    const place = { partition: 0, position: 0, entry: this.#entry++ };
    this.reorder.insert(this.rows.add(event, utf8.encode(`e${place.entry}`), seq, place));
  }

  release(watermark_ms: number): number[][] {
    const given: number[][] = [];
    const out = new Int32Array(5);
    for (let n = this.reorder.release(watermark_ms, out); n > 0; n = this.reorder.release(watermark_ms, out)) {
      for (const slot of out.subarray(0, n)) {
        given.push([this.rows.time[slot], this.rows.seq[slot], this.rows.entry[slot]]);
        this.rows.free(slot);
      }
    }
    return given;
  }
}

const byOrder = (a: number[], b: number[]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
const spread = [5, 300, 70_000, 24 * 86_400_000, 2 ** 45];

test('S2 whatever the spread of times, rows leave in total order and not before the watermark', () => {
  const step = fc.record({ time: fc.double({ min: 0, max: 1, noNaN: true }), seq: fc.nat(2), release: fc.nat(5) });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.constantFrom(...spread),
      fc.boolean(),
      (steps, range, before1970) => {
        const stage = new Stage();
        const start = before1970 ? -range : 1_700_000_000_000;
        const released: number[][] = [];
        let waiting: number[][] = [];
        let watermark = start;
        steps.forEach(({ time, seq, release }, entry) => {
          const timestamp = watermark + Math.floor(time * range);
          stage.add(timestamp, seq);
          waiting.push([timestamp, seq, entry]);
          if (release !== 0) return;
          watermark += Math.floor((time * range) / 2);
          const due = waiting.filter((row) => row[0] < watermark).sort(byOrder);
          waiting = waiting.filter((row) => row[0] >= watermark);
          const given = stage.release(watermark);
          assert.deepEqual(given, due);
          released.push(...given);
        });
        assert.deepEqual(stage.release(Number.POSITIVE_INFINITY), waiting.sort(byOrder));
        assert.equal(stage.rows.count, 0);
      },
    ),
    { numRuns: 300 },
  );
});

test('S2 many rows of one millisecond in reverse order are sorted, not inserted one by one', () => {
  const stage = new Stage();
  for (let seq = 50_000; seq > 0; seq--) stage.add(1000, seq);
  const given = stage.release(1001);
  assert.deepEqual(
    given.map((row) => row[1]),
    given.map((_, i) => i + 1),
  );
});

test('the rows that wait take the place of those that left: memory follows what waits', () => {
  const stage = new Stage();
  for (let i = 0; i < 1000; i++) stage.add(i, 0);
  stage.release(900);
  const bytes = stage.rows.allocated_bytes;
  for (let i = 1000; i < 100_000; i++) {
    stage.add(i, 0);
    if (i % 100 === 0) stage.release(i - 100);
  }
  assert.equal(stage.rows.allocated_bytes, bytes);
});
