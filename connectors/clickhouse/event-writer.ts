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
/** By index into the schema's fields: the column, -1: it is none; and whether its numbers have fractions. */
const columnOf = eventSchemaV1.fields.map((field) => {
  const row = rowFields.indexOf(field);
  return row === -1 ? -1 : first_field + row;
});
const isFloat = eventSchemaV1.fields.map(({ type }) => type === 'float');

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
    for (let f = 0; f < places.count; f++) this.#field(data, places.found[f], block.rows);
    block.added();
    return true;
  }

  #details(data: NativeData): void {
    const { detailsStart, detailsStop, bytes } = this.#places;
    // Nothing or `{}`.
    if (detailsStop - detailsStart <= 2) {
      data.absent();
      return;
    }
    const details = parseJson(bytes.subarray(detailsStart, detailsStop)).value as JsonObject;
    data.text(details.size === 0 ? '' : canonicalJson(details).toWellFormed());
  }

  /** Fields that a record lacks are passed over: their columns are brought up to this row by the next one that has it. */
  #field(data: readonly NativeData[], field: number, row: number): void {
    const places = this.#places;
    const column = columnOf[field];
    // A field of the record's own.
    if (column === -1) return;
    const into = data[column];
    into.reach(row);
    const kind = places.kinds[field];
    if (kind === placeKinds.text) into.textBytes(places.bytes, places.starts[field], places.stops[field]);
    else if (kind === placeKinds.escaped) {
      into.text(String(parseJson(places.bytes.subarray(places.starts[field], places.stops[field])).value));
    } else if (isFloat[field]) into.float64(places.numbers[field]);
    else into.int64(places.numbers[field]);
  }
}
