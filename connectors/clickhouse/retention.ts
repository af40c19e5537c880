import type { StoreClient } from './store-client.ts';

/** Tables with a time to live, and the column it counts from. Rules, runs and audit stay. */
const kept: Readonly<Record<string, string>> = {
  events: 'received_at',
  late_events: 'received_at',
  duplicate_events: 'received_at',
  pending_events: 'received_at',
  dead_letters: 'received_at',
  alerts: 'decided_at',
  alert_evidence: 'decided_at',
  risk: 'decided_at',
  aggregates: 'window_end',
};

/**
 * Rows older than so many days are removed by the store; 0 keeps everything. Nothing is changed where it is so already.
 * A later, longer time does not bring back what is gone: the log has it.
 */
export async function setRetention(client: StoreClient, days: number): Promise<void> {
  const query = `SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)}`;
  const params = { names: Object.keys(kept) };
  for (const { name, engine_full } of await client.rows<{ name: string; engine_full: string }>(query, { params })) {
    const now = / TTL .*?toIntervalDay\((\d+)\)/.exec(engine_full)?.[1] ?? '0';
    if (now === String(days)) continue;
    const change = days === 0 ? 'REMOVE TTL' : `MODIFY TTL toDateTime(${kept[name]}) + toIntervalDay(${days})`;
    await client.command(`ALTER TABLE ${name} ${change}`);
  }
}
