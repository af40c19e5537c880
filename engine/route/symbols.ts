/** What the fold needs of the dictionary: ids for texts, texts for ids, and a hash of an id's content. Id 0 is NULL. */
export interface Symbols {
  idOf(text: string): number;
  textOf(id: number): string;
  /** The same for the same text in every run, whatever its id (S14: key groups). A 32-bit integer. */
  hashOf(id: number): number;
}
