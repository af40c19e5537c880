import type { JsonObject, JsonValue } from '../../../engine/index.ts';
import type { RawEvent } from './raw-event.ts';

/** Where a value stands: paths into the record, the first that has one counts; or, where paths do not say it, code. */
export type Field = readonly string[] | ((raw: RawEvent) => string | null);

/** What a text must be: one of these, or fit the pattern; null means absent. */
export type Wanted = string | readonly string[] | RegExp | null;

/** What a vendor's event means in the normalised schema (../../../engine/event-schema.ts). */
export interface Meaning {
  /** The vendor's names of the event; any, where `where` alone says it. */
  readonly names?: readonly string[];
  /** Further conditions by path; all must hold. */
  readonly where?: { readonly [path: string]: Wanted };
  readonly event_type: string;
  readonly auth?: { readonly method?: string; readonly result?: string; readonly failure?: string };
  readonly change?: { readonly field: string };
}

/** One vendor's record as a normalised event: data, from the vendor's documentation, and code only where data cannot. */
export interface Mapping {
  /** What `--as` takes. */
  readonly name: string;
  readonly summary: string;
  readonly platform: string;
  /** The vendor's name of what happened. A record without one is rejected, and so for `timestamp` and `account_id`. */
  readonly event_name: Field;
  /** ISO 8601 text, or epoch time in whole milliseconds, or in seconds where `timestamp_unit` says so. */
  readonly timestamp: readonly string[];
  readonly timestamp_unit?: 'seconds';
  /** The account acted on; where the vendor names none, the one that acted. */
  readonly account_id: Field;
  readonly event_id?: Field;
  readonly actor_id?: Field;
  readonly actor_ip?: Field;
  readonly user_agent?: Field;
  readonly session_id?: Field;
  /** ISO 3166 country code: a vendor's long names of countries stay in `details`. */
  readonly country?: Field;
  readonly city?: Field;
  readonly latitude?: string;
  readonly longitude?: string;
  /** The first that fits counts; an event without one is `platform.name`. */
  readonly meanings: readonly Meaning[];
  /** Several events in one record: a record for each, which takes its place in everything above and in `details`; or why not.
   * What is no object is refused by itself. */
  readonly split?: (record: JsonObject) => readonly JsonValue[] | string;
  /** The key of the list in a file that is one JSON document; a bare list is read for every vendor. */
  readonly list_key?: string;
}

export function fieldText(raw: RawEvent, field: Field | undefined): string | null {
  if (field === undefined) return null;
  return typeof field === 'function' ? field(raw) : raw.first(field);
}

/** The first meaning of an event of this name, or null. */
export function meaningOf(meanings: readonly Meaning[], name: string, raw: RawEvent): Meaning | null {
  const fits = ({ names, where }: Meaning) =>
    (names?.includes(name) ?? true) &&
    Object.entries(where ?? {}).every(([path, wanted]) => isWanted(raw.text(path), wanted));
  return meanings.find(fits) ?? null;
}

function isWanted(text: string | null, wanted: Wanted): boolean {
  if (wanted === null || text === null) return text === wanted;
  if (typeof wanted === 'string') return text === wanted;
  return wanted instanceof RegExp ? wanted.test(text) : wanted.includes(text);
}
