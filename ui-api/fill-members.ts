const quote = 0x22;
const backslash = 0x5c;

/**
 * Gives the text of a JSON object values for members that it lacks, or has as null or as the empty text (the door calls
 * all three missing). Everything else stays as its sender wrote it, numbers beyond 2^53 too, so that the content keeps
 * its hash.
 * @param object the text of one JSON object, known to be valid
 */
export function fillMembers(object: Uint8Array, values: Readonly<Record<string, string | number>>): Uint8Array {
  const found = emptyMembers(object);
  const parts: Uint8Array[] = [];
  let head = '';
  for (const [name, value] of Object.entries(values)) {
    if (!found.spans.has(name)) head += `${JSON.stringify(name)}:${JSON.stringify(value)},`;
  }
  parts.push(Buffer.from(`{${found.isEmpty ? head.slice(0, -1) : head}`));
  let at = object.indexOf(0x7b) + 1;
  for (const [name, [start, end]] of found.spans) {
    if (!Object.hasOwn(values, name)) continue;
    parts.push(object.subarray(at, start), Buffer.from(JSON.stringify(values[name])));
    at = end;
  }
  parts.push(object.subarray(at));
  return Buffer.concat(parts);
}

/** Where the values stand that are null or empty text, by the name of their top-level member, in order. */
function emptyMembers(object: Uint8Array): { spans: Map<string, [start: number, end: number]>; isEmpty: boolean } {
  const spans = new Map<string, [number, number]>();
  let isEmpty = true;
  let depth = 0;
  let name: string | null = null;
  for (let at = 0; at < object.length; ) {
    const byte = object[at];
    const start = at;
    at = byte === quote ? endOfText(object, at) : at + 1;
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (depth !== 1) continue;
    else if (byte === 0x2c) name = null;
    else if (byte === quote && name === null) {
      name = JSON.parse(Buffer.from(object.subarray(start, at)).toString('utf8')) as string;
      isEmpty = false;
    } else if (name !== null && !spans.has(name)) {
      // The n of null: true, false and numbers have none.
      if (byte === 0x6e) spans.set(name, [start, start + 4]);
      else if (byte === quote && at - start === 2) spans.set(name, [start, at]);
    }
  }
  return { spans, isEmpty };
}

/** The place behind the text that begins at `start`. */
function endOfText(object: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < object.length && object[at] !== quote) at += object[at] === backslash ? 2 : 1;
  return at + 1;
}
