import assert from 'node:assert/strict';
import { findCodec } from '../../../../connectors/codecs/registry.ts';

type Json = { readonly [name: string]: unknown };

/** The events of a record without schema_version and details, which every one has. */
export function eventsOf(format: string, record: Json): Json[] {
  const result = findCodec(format)
    ?.create({})
    .decode(Buffer.from(JSON.stringify(record)));
  assert.ok(result?.kind === 'events', JSON.stringify(result));
  return (result.events as Json[]).map(({ schema_version, details, ...event }) => {
    assert.equal(schema_version, 'v1');
    assert.ok(details !== undefined);
    return event;
  });
}

/** Place and reason of the parts of a record that are refused. */
export function refusedOf(format: string, record: Json): unknown[] {
  const result = findCodec(format)
    ?.create({})
    .decode(Buffer.from(JSON.stringify(record)));
  assert.ok(result?.kind === 'events', JSON.stringify(result));
  return (result.refused ?? []).map(({ record, message }) => [record, message]);
}

/** Type, account and auth of a record's only event. */
export function briefly(format: string, record: Json): unknown[] {
  const [event, ...others] = eventsOf(format, record);
  assert.equal(others.length, 0);
  return [event?.event_type, event?.account_id, (event?.auth as Json | undefined)?.result].slice(
    0,
    event?.auth ? 3 : 2,
  );
}

/** One instant in the forms in which vendors write it. */
export const at = { iso: '2026-03-01T10:00:00Z', ms: Date.UTC(2026, 2, 1, 10), s: Date.UTC(2026, 2, 1, 10) / 1000 };
