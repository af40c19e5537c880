import {
  canonicalJson,
  EventPlaces,
  eventSchemaV1,
  type JsonObject,
  parseJson,
  placeKinds,
  type SourceRecord,
} from '../../engine/index.ts';
import { type EventRow, eventColumns, type RowPlace, rowFields, shownTime } from './event-row.ts';
import type { NativeBlock } from './native-block.ts';
import type { NativeData } from './native-data.ts';

/** Where a row's own columns end and the schema's fields begin, in eventColumns. */
const first_field = eventColumns.length - rowFields.length;
const indexOf = new Map(eventSchemaV1.fields.map((field, index) => [field, index]));
/** Index into the schema's fields of each column behind the first ones. */
const schemaIndexes = rowFields.map((field) => indexOf.get(field) as number);
const isFloat = rowFields.map(({ type }) => type === 'float');
const isNumber = rowFields.map(({ type }) => type === 'float' || type === 'int');

/**
 * HOT. Writes events into the columns of a block, from the record's bytes and without a row between: what event-row.ts
 * says of the same record, byte for byte, held equal by a test. Of a record that has an unusual form it does nothing, and
 * says so.
 */
export class EventWriter {
  readonly #places = new EventPlaces(eventSchemaV1);

  /** @param given the id of an event that brings none; null: it has to bring one. @returns false where nothing was written */
  write(
    block: NativeBlock<EventRow>,
    { source, log_position, verdict_position }: RowPlace,
    { partition, position, received_at, bytes }: SourceRecord,
    given: string | null,
    detail: string,
  ): boolean {
    const places = this.#places;
    if (!places.scan(bytes) || (places.idStop === 0 && given === null)) return false;
    const { data } = block;
    data[0].text(source);
    data[1].int64(log_position);
    data[2].int64(verdict_position);
    data[3].text(partition.toWellFormed());
    data[4].int64(position);
    data[5].int64(shownTime(Math.floor(received_at)));
    if (places.tenantStop === 0) data[6].text('default');
    else data[6].textBytes(places.bytes, places.tenantStart, places.tenantStop);
    data[7].int64(shownTime(places.timestamp));
    data[8].int64(places.timestamp);
    data[9].int64(Number.isNaN(places.seq) ? position : places.seq);
    if (places.idStop === 0) data[10].text(given as string);
    else data[10].textBytes(places.bytes, places.idStart, places.idStop);
    this.#details(data[11]);
    data[12].textBytes(places.bytes, 0, bytes.length);
    data[13].text(detail.toWellFormed());
    for (let i = 0; i < schemaIndexes.length; i++) this.#field(data[first_field + i], schemaIndexes[i], i);
    block.added();
    return true;
  }

  #details(data: NativeData): void {
    const { detailsStart, detailsStop, bytes } = this.#places;
    // Nothing or `{}`.
    if (detailsStop - detailsStart <= 2) {
      data.empty();
      return;
    }
    const details = parseJson(bytes.subarray(detailsStart, detailsStop)).value as JsonObject;
    data.text(details.size === 0 ? '' : canonicalJson(details).toWellFormed());
  }

  #field(data: NativeData, field: number, column: number): void {
    const places = this.#places;
    const kind = places.kinds[field];
    if (kind === placeKinds.none) {
      if (isNumber[column]) data.absent();
      else data.empty();
    } else if (kind === placeKinds.text) data.textBytes(places.bytes, places.starts[field], places.stops[field]);
    else if (kind === placeKinds.escaped) {
      data.text(String(parseJson(places.bytes.subarray(places.starts[field], places.stops[field])).value));
    } else if (isFloat[column]) data.float64(places.numbers[field]);
    else data.int64(places.numbers[field]);
  }
}
