import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import { denseCase, type ParityCase } from '../../simulation/arbitrary.ts';
import { withBaseline } from '../../simulation/arbitrary-baselines.ts';
import { withUnnest } from '../../simulation/arbitrary-unnest.ts';
import type { SimulationRule } from '../../simulation/case.ts';
import { acceptedOf, programOf } from '../../simulation/parity.ts';
import { batchOf } from './programs.ts';
import { type RunOptions, runFold } from './run.ts';

const isJoined = (rule: SimulationRule): boolean =>
  rule.kind === 'join' ||
  ((rule.kind === 'single' || rule.kind === 'window') && (rule.exists ?? rule.baseline) !== undefined);

/** The typed form finds what the plain form finds, in the same order, and drops as much. */
function sameInBothForms(limits: RunOptions['limits']): (parity: ParityCase) => void {
  return (parity) => {
    const isView = (rule: SimulationRule) => (rule.kind === 'window' || rule.kind === 'union') && rule.view === true;
    const rules = parity.rules.filter((rule) => isJoined(rule) || isView(rule));
    if (!rules.some(isJoined)) return;
    const program = programOf(rules, parity.lateness);
    const events = acceptedOf(parity);
    const bounds = limits === undefined ? {} : { limits };
    const plain = runFold(program, events, { form: 'judge', shards: 1, batch_rows: 50, ...bounds });
    const variants: RunOptions[] = [
      { shards: 1, batch_rows: 256 },
      { shards: 1, batch_rows: 256, piece_rows: 7 },
      { shards: 1, batch_rows: 9, piece_rows: 1 },
      { shards: 1, batch_rows: 5, restart_every: 1 },
    ];
    for (const variant of variants) {
      const typed = runFold(program, events, { ...variant, ...bounds });
      assert.deepEqual(typed.detections, plain.detections);
      assert.deepEqual(typed.fold.stats().drops, plain.fold.stats().drops);
    }
  };
}

test('S9 the typed form of joins equals the plain form, whatever the batches, restarted anywhere', () => {
  fc.assert(fc.property(fc.oneof(denseCase, withUnnest(denseCase)), sameInBothForms(undefined)), { numRuns: 60 });
});

// In one key group both forms bound the same keys: which keys share a group is each form's own.
test('S14 the typed form of joins drops what the plain form drops', () => {
  const rows = { key_groups: 1, rows_per_key: 3 };
  fc.assert(fc.property(denseCase, sameInBothForms(rows)), { numRuns: 25 });
  const keys = { key_groups: 1, keys_per_group: 2, rows_per_group: 5 };
  fc.assert(fc.property(denseCase, sameInBothForms(keys)), { numRuns: 25 });
});

test('a row that is the first of its key to go as it comes takes with it what was counted of it', () => {
  const all = { before: 0, after: 0, left_join: false };
  const rule: SimulationRule = {
    ...{ name: 'j', kind: 'join', on: [['k1', 'k1']], ...all },
    ...{ left: { as: 'l', where: null }, right: { as: 'r', where: null } },
    third: { of: 'l', on: [['k1', 'k1']], where: null, ...all },
  };
  const event = { gap: 0, id: 0, type: 'A', k1: 'a', k2: 'm', x: 0, ip: 'i1', res: 'ok' };
  const events = ['U', 'U', 'T', 'T', 'U'].map((tenant_id) => ({ ...event, tenant_id }));
  sameInBothForms({ key_groups: 1, rows_per_key: 3 })({ lateness: 0, seed: 1, events, rules: [rule] } as ParityCase);
});

test('S8 S14 the typed form of a table as a baseline equals the plain form, and drops what that drops', () => {
  const cases = withBaseline(denseCase);
  fc.assert(fc.property(cases, sameInBothForms(undefined)), { numRuns: 30 });
  fc.assert(fc.property(cases, sameInBothForms({ key_groups: 1, keys_per_group: 1 })), { numRuns: 30 });
});

test('texts that waiting rows hold are kept by the dictionary, and those of rows that left are not', () => {
  const rule: SimulationRule = {
    ...{ name: 'j', kind: 'join', on: [['k1', 'k1']], before: 0, after: 10, left_join: true },
    ...{ left: { as: 'l', where: null }, right: { as: 'r', where: null } },
  };
  const symbols = new Dictionary();
  const program = programOf([rule], 0);
  const fold = new Fold(program, symbols, { shards: 1 });
  const event = { timestamp: 5, event_id: 'e', seq: 0, tenant_id: 'T', type: 'A', k1: 'key', k2: null, x: 1 };
  fold.push(batchOf([{ ...event, ip: null, res: null }], symbols, program), 5);
  const isUsed = () => {
    const used = new Uint8Array(symbols.capacity);
    fold.markUsed(used);
    return used[symbols.idOf('key')] === 1;
  };
  assert.equal(isUsed(), true);
  fold.push(batchOf([], symbols, program), 16);
  fold.push(batchOf([], symbols, program), 16);
  assert.equal(isUsed(), false);
});
