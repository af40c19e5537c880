/**
 * SHA-256 (FIPS 180-4), synchronous and without any module: ids and plan hashes are made in the browser too, and
 * WebCrypto's digest is a promise. One set of scratch arrays serves every call; the engine is single-threaded.
 */
const constants = new Int32Array(64);
const initial = new Int32Array(8);

/** First 32 bits of the fractional part of a root of a prime: the standard's "nothing up my sleeve" numbers. */
function fraction(root: number): number {
  return ((root - Math.floor(root)) * 4294967296) | 0;
}

function fillConstants(): void {
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) prime = false;
    }
    if (!prime) continue;
    if (found < 8) initial[found] = fraction(Math.sqrt(candidate));
    constants[found++] = fraction(Math.cbrt(candidate));
  }
}
fillConstants();

const schedule = new Int32Array(64);
const state = new Int32Array(8);
const tail = new Uint8Array(128);

function compress(bytes: Uint8Array, from: number): void {
  for (let i = 0; i < 16; i++) {
    const at = from + i * 4;
    schedule[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = schedule[i - 15];
    const y = schedule[i - 2];
    const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16] + small + schedule[i - 7] + large) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    const sumE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sumE + ((e & f) ^ (~e & g)) + constants[i] + schedule[i]) | 0;
    const sumA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (sumA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The digest of the bytes as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  state.set(initial);
  const whole = bytes.length - (bytes.length % 64);
  for (let from = 0; from < whole; from += 64) compress(bytes, from);
  const rest = bytes.length - whole;
  tail.fill(0);
  for (let i = 0; i < rest; i++) tail[i] = bytes[whole + i];
  tail[rest] = 0x80;
  const length = rest < 56 ? 64 : 128;
  // The length in bits, big-endian; 2^53 bytes are enough for anyone, so the upper word is at most 22 bits.
  const bits_high = Math.floor(bytes.length / 536870912);
  const bits_low = (bytes.length << 3) >>> 0;
  for (let i = 0; i < 4; i++) {
    tail[length - 8 + i] = bits_high >>> (24 - i * 8);
    tail[length - 4 + i] = bits_low >>> (24 - i * 8);
  }
  for (let from = 0; from < length; from += 64) compress(tail, from);
  let hex = '';
  for (let i = 0; i < 8; i++) hex += (state[i] >>> 0).toString(16).padStart(8, '0');
  return hex;
}
