import type { WindowRule } from './case.ts';
import { beginningsIn } from './zone-clock.ts';

const hour_ms = 3_600_000;

type Aligned = Extract<WindowRule['window'], { type: 'tumbling' | 'hopping' }>;

/**
 * All windows [start, end) of TUMBLING and HOPPING that may hold a row from `first` on and begin no later than `last`. IN TIME
 * ZONE a window ends where one begins again that is so many advances behind it, however long that is.
 */
export function windowsOf(window: Aligned, first: number, last: number): [start: number, end: number][] {
  const { size, offset = 0, zone } = window;
  const advance = window.type === 'hopping' ? window.advance : size;
  if (zone === undefined) {
    const all: [number, number][] = [];
    const from = Math.floor((first - size - offset) / advance) * advance + offset;
    for (let start = from; start <= last; start += advance) all.push([start, start + size]);
    return all;
  }
  // A change of the clock makes a window no more than a few hours longer.
  const starts = beginningsIn(zone, first - size - 4 * hour_ms, last + size + advance + 4 * hour_ms, advance, offset);
  return starts
    .map((start, i): [number, number] => [start, starts[i + size / advance] as number])
    .filter(([start]) => start <= last);
}

/** Where the window behind this one ends. */
export function nextEnd(window: Aligned, [start, end]: readonly [number, number]): number {
  const after = windowsOf(window, end, end).find(([other]) => other > start);
  return (after as [number, number])[1];
}
