/** What the fold needs of the dictionary: ids for texts, texts for ids, a hash of an id's content, and which are long. Id 0 is NULL. */
export interface Symbols {
  idOf(text: string): number;
  textOf(id: number): string;
  /** The same for the same text in every run, whatever its id (S14: key groups). A 32-bit integer. */
  hashOf(id: number): number;
  /** Whether any text is long. */
  readonly hasLong: boolean;
  /** Bytes of a long text; 0 for another one (limits.long_text_bytes). */
  longBytesOf(id: number): number;
}
