/**
 * The one text of an address: IPv4 as four decimal numbers, IPv6 as RFC 5952 says, an IPv4-mapped IPv6 address
 * (::ffff:0:0/96) as IPv4. null for what is no address, has a zone (fe80::1%eth0), or can be read in two ways
 * (leading zeros are octal to some readers).
 */
export function canonicalIp(text: string): string | null {
  // The longest text of an address is 45 characters: six groups, two of them replaced by an embedded IPv4 address.
  if (text.length < 2 || text.length > 45) return null;
  if (!text.includes(':')) return readIpv4(text, 0) < 0 ? null : text;
  const groups = readIpv6(text);
  return groups === null ? null : printIpv6(groups);
}

/**
 * The groups of 16 bits of an address: two of an IPv4 address (also where it is written as IPv4-mapped IPv6), eight of
 * an IPv6 address. null for what is no address.
 */
export function ipGroups(text: string): number[] | null {
  if (!text.includes(':')) {
    const address = readIpv4(text, 0);
    return address < 0 ? null : [Math.floor(address / 65536), address % 65536];
  }
  const groups = readIpv6(text);
  if (groups === null) return null;
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? groups.slice(6) : groups;
}

/** The 32 bits of the dotted address that fills `text` from `from` on, as a number; -1 when it is none. */
function readIpv4(text: string, from: number): number {
  let address = 0;
  let at = from;
  for (let part = 0; part < 4; part++) {
    const start = at;
    let number = 0;
    while (at - start < 3 && isDigit(text.charCodeAt(at))) number = number * 10 + text.charCodeAt(at++) - 48;
    const leadingZero = at - start > 1 && text.charCodeAt(start) === 48;
    if (at === start || number > 255 || leadingZero) return -1;
    address = address * 256 + number;
    if (part < 3 && text[at++] !== '.') return -1;
  }
  return at === text.length ? address : -1;
}

/** HOT. Whether the bytes are an IPv4 address in its one form. */
export function isDottedIpv4(bytes: Uint8Array, start: number, stop: number): boolean {
  if (stop - start > 15) return false;
  let at = start;
  for (let part = 0; part < 4; part++) {
    const first = at;
    let number = 0;
    for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9 && at < stop; digit = bytes[++at] - 48) {
      number = number * 10 + digit;
    }
    const hasLeadingZero = at - first > 1 && bytes[first] === 48;
    if (at === first || number > 255 || hasLeadingZero) return false;
    if (part < 3 && (at === stop || bytes[at++] !== 0x2e)) return false;
  }
  return at === stop;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The value of a hexadecimal digit, -1 for any other character and behind the end. */
function hexDigit(code: number): number {
  if (isDigit(code)) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 && code >= 65 ? lower - 87 : -1;
}

/** The eight groups of an IPv6 address; null when the text is none. */
function readIpv6(text: string): number[] | null {
  const groups: number[] = [];
  let gap = -1;
  let at = 0;
  if (text.startsWith('::')) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const start = at;
    let group = 0;
    while (at - start < 4 && hexDigit(text.charCodeAt(at)) >= 0) group = group * 16 + hexDigit(text.charCodeAt(at++));
    if (at === start) return null;
    if (text[at] === '.') {
      const address = readIpv4(text, start);
      if (address < 0) return null;
      groups.push(Math.floor(address / 65536), address % 65536);
      break;
    }
    groups.push(group);
    if (at === text.length) break;
    if (text[at++] !== ':') return null;
    if (text[at] === ':') {
      if (gap >= 0) return null;
      gap = groups.length;
      at++;
    } else if (at === text.length) {
      return null;
    }
  }
  if (gap < 0) return groups.length === 8 ? groups : null;
  // A gap stands for at least one group of zeros.
  if (groups.length > 7) return null;
  return [...groups.slice(0, gap), ...new Array<number>(8 - groups.length).fill(0), ...groups.slice(gap)];
}

/** RFC 5952: lower case, no leading zeros, the first of the longest runs of two or more zero groups as `::`. */
function printIpv6(groups: readonly number[]): string {
  const [a, b, c, d, e, f, g, h] = groups;
  if ((a | b | c | d | e) === 0 && f === 0xffff) return `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`;
  let longest = 1;
  let longestStart = -1;
  let run = 0;
  for (let i = 0; i < 8; i++) {
    run = groups[i] === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      longestStart = i - run + 1;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (longestStart < 0) return hex.join(':');
  return `${hex.slice(0, longestStart).join(':')}::${hex.slice(longestStart + longest).join(':')}`;
}
