/** What a statement that cannot be read would have declared, as far as its beginning says: `CREATE VIEW v`. */
export interface UnreadName {
  /** The word behind CREATE, in lower case: 'view', 'lookup', or one that is misspelled. */
  readonly kind: string;
  readonly name: string;
}

/** The first word of a statement may be a misspelled CREATE, where the second one is what CREATE makes. */
const declaration =
  /(?:\bcreate|^\s*\w+(?=\s+(?:rule|view|table|lookup|function)\b))\s+(?:or\s+replace\s+)?(?:(?:temporary|temp|materialized)\s+)?(\w+)\s+(?:if\s+not\s+exists\s+)?"?(\w+)/gi;

/**
 * The names that a text would declare. Where it cannot be read they are all that is known of it: who reads them is told
 * nothing more, because one mistake is one message. A text may hold several, where a semicolon or a quote is missing.
 */
export function namesDeclaredIn(text: string): UnreadName[] {
  return [...text.matchAll(declaration)].map((match) => ({
    kind: (match[1] as string).toLowerCase(),
    name: match[2] as string,
  }));
}
