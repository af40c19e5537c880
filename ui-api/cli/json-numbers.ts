const [quote, backslash, minus, plus, dot] = [0x22, 0x5c, 0x2d, 0x2b, 0x2e];

/**
 * JSON, chunk by chunk, in which whole numbers that a double does not hold (beyond 2^53 - 1) become texts: a reader would
 * round them in silence. Every other byte stays as it is, decimals with all their digits too. What it holds of a chunk for
 * the next one is a number that the chunk's end cuts.
 */
export async function* exactNumbers(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let isText = false;
  let isEscaped = false;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const parts: Buffer[] = [];
    let from = 0;
    let at = 0;
    let open = bytes.length;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isText = false;
        at++;
      } else if (byte === minus || isDigit(byte)) {
        const end = endOfNumber(bytes, at);
        if (end === bytes.length) {
          open = at;
          break;
        }
        const text = bytes.toString('latin1', at, end);
        if (isInexact(text)) {
          parts.push(bytes.subarray(from, at), Buffer.from(`"${text}"`));
          from = end;
        }
        at = end;
      } else {
        isText = byte === quote;
        at++;
      }
    }
    rest = bytes.subarray(open);
    parts.push(bytes.subarray(from, open));
    yield parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }
  if (rest.length > 0) yield isInexact(rest.toString('latin1')) ? Buffer.from(`"${rest.toString('latin1')}"`) : rest;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function endOfNumber(bytes: Buffer, start: number): number {
  let end = start + 1;
  while (end < bytes.length) {
    const byte = bytes[end];
    // "e" and "E" are one letter but for this bit.
    const isPart = isDigit(byte) || byte === minus || byte === plus || byte === dot || (byte | 0x20) === 0x65;
    if (!isPart) break;
    end++;
  }
  return end;
}

function isInexact(number: string): boolean {
  return /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number));
}
