import type { Dictionary } from '../../../engine/index.ts';

/** A whole sweep of a dictionary, in small parts. */
export function sweep(dictionary: Dictionary, mark: (used: Uint8Array) => void = () => {}): void {
  dictionary.beginSweep(mark);
  while (dictionary.freeSome(7));
}
