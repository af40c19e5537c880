import { KEY_MARKS } from '../state/key-table.ts';

/** Bytes of an event id that stand in the row itself: a UUID as text fits. */
export const INLINE_ID_BYTES = 36;

/** Doubles of a row. */
export const TIME = 0;
export const UNTIL = 1;
export const STAMP = 2;
export const ORDER = 3;
export const VALUES = 4;
/** Ints of a row, behind its doubles. */
export const KEY = 0;
export const OLDER = 1;
export const NEWER = 2;
export const QUEUE_BEFORE = 3;
export const QUEUE_NEXT = 4;
export const STATE = 5;
export const ID_LENGTH = 6;
export const ID = 7;

/** In place of the next one: the row stands in the heap, at the place that stands for the one before it. */
export const IN_HEAP = -2;

/** What is known of a row: see isMatched(), hasNull() and isLast(). */
export const MATCHED = 1;
export const NULL_IN_KEY = 2;
export const LAST_AT_DEADLINE = 4;

/** Marks of a key: its oldest and newest row of each side, as row + 1; the rows it has; its place among silent keys. */
export const KEY_ROWS = KEY_MARKS + 4;
export const SILENT_BEFORE = KEY_MARKS + 5;
export const SILENT_NEXT = KEY_MARKS + 6;
export const JOIN_MARKS = 7;
