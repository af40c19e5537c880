/** The beginning of a text that is longer than `length`. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}...`;
}

/** Messages go to logs and terminals: control and formatting characters of a hostile text go there as escapes. */
export function printable(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return escaped.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}

/** A text as it may stand in a message: quoted, escaped, and not longer than a line. */
export function shortText(text: string): string {
  return `"${printable(shorten(text, 60))}"`;
}
