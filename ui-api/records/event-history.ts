import { type EventLog, eventContentHash, parseJson, type SourceRecord, type Verdict } from '../../engine/index.ts';

/** Which events are asked for. */
export interface EventQuestion {
  /** event_id; one that Weir gave (content hash, '~', number) finds every record with that content. */
  readonly id?: string | undefined;
  /** The first position of the log that is looked at. */
  readonly from_position: number;
  /** Received from the first of these times on, before the second. */
  readonly since_ms?: number | undefined;
  readonly until_ms?: number | undefined;
  readonly partition?: string | undefined;
  /** Null: of all tenants, and what is no event. */
  readonly tenant: string | null;
  readonly limit: number;
}

/** A record as it came, and what the door said. */
export interface StoredEvent {
  readonly position: number;
  readonly record: SourceRecord;
  /** Its text where that is JSON for the door too, to the letter. */
  readonly json: string | null;
  /** Null: it still waits for the watermark, or its verdict stands far behind it. */
  verdict: Verdict | null;
}

export interface EventPage {
  readonly items: readonly StoredEvent[];
  /** Where to look on; null: the log has been looked through. */
  readonly next_position: number | null;
}

/** What came in, by question. A database may answer it as well as the log. */
export interface EventHistory {
  find(question: EventQuestion): Promise<EventPage>;
}

/** Entries that one page looks through; of ids that Weir gave fewer, for each record has to be hashed. */
const most_entries = 200_000;
const most_hashed = 20_000;
/** A verdict stands behind its record, mostly within so many entries. */
const verdict_within = 20_000;

const given_id = /^[0-9a-f]{16}~\d+$/;

/** The events of the log, in its order. */
export class LogEvents implements EventHistory {
  readonly #log: Pick<EventLog, 'read' | 'position_at' | 'end_position'>;

  constructor(log: Pick<EventLog, 'read' | 'position_at' | 'end_position'>) {
    this.#log = log;
  }

  async find(question: EventQuestion): Promise<EventPage> {
    const { id, limit, since_ms, until_ms = Number.POSITIVE_INFINITY } = question;
    const from_time = since_ms === undefined ? 0 : await this.#log.position_at(since_ms);
    const from = Math.max(question.from_position, from_time);
    const most = id !== undefined && given_id.test(id) ? most_hashed : most_entries;
    const items = new Map<number, StoredEvent>();
    let next_position: number | null = null;
    let undecided = 0;
    if (from >= this.#log.end_position) return { items: [], next_position: null };
    for await (const { position, entry } of this.#log.read(from)) {
      if (next_position === null && (items.size === limit || position - from >= most)) next_position = position;
      if (next_position !== null && (undecided === 0 || position - next_position >= verdict_within)) break;
      if (entry.kind === 'verdict') {
        const item = items.get(entry.position);
        if (item === undefined) continue;
        item.verdict = entry.verdict;
        undecided--;
      } else if (entry.kind === 'record' && next_position === null) {
        const { record } = entry;
        // Clocks step back: a record behind it may have been received before.
        if (record.received_at >= until_ms || record.received_at < (since_ms ?? Number.NEGATIVE_INFINITY)) continue;
        const json = fitting(record, question);
        if (json === undefined) continue;
        // The bytes are a part of what was read: an answer must not hold all of it.
        const kept = { ...record, bytes: record.bytes.slice() };
        items.set(position, { position, record: kept, json: strictly(json, record), verdict: null });
        undecided++;
      }
    }
    return { items: [...items.values()], next_position };
  }
}

/** The text of a record that is asked for; null where it is no JSON; undefined: it is not asked for. */
function fitting(record: SourceRecord, { id, partition, tenant }: EventQuestion): string | null | undefined {
  if (partition !== undefined && record.partition !== partition) return undefined;
  const bytes = Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.byteLength);
  const isGiven = id !== undefined && given_id.test(id);
  // Most records do not have the id in them: those are not read as JSON.
  if (id !== undefined && !isGiven && !bytes.includes(JSON.stringify(id).slice(1, -1))) return undefined;
  let json: string;
  let event: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    event = JSON.parse(json);
  } catch {
    return id === undefined && tenant === null ? null : undefined;
  }
  const { event_id, tenant_id } = (event ?? {}) as { event_id?: unknown; tenant_id?: unknown };
  if (tenant !== null && (tenant_id ?? 'default') !== tenant) return undefined;
  if (id === undefined || event_id === id) return json;
  return isGiven && hasContent(record, id) ? json : undefined;
}

/**
 * Null where the door refuses it as JSON: nested ten thousand deep, or with one key twice, it would make the page something
 * that its reader cannot read, or reads as something else.
 */
function strictly(json: string | null, { bytes }: SourceRecord): string | null {
  return json === null || parseJson(bytes).rejection !== null ? null : json;
}

function hasContent({ bytes }: SourceRecord, id: string): boolean {
  const { value } = parseJson(bytes);
  return value instanceof Map && eventContentHash(value) === id.slice(0, 16);
}
