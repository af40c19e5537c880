import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ApiError } from './problem.ts';

/**
 * The API's token: read from the file, or made and written there with mode 0600 at the first start.
 * @throws Error when the file holds no token or cannot be written.
 */
export function loadToken(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const token = readFileSync(path, 'utf8').trim();
  if (token.length < 16) {
    throw new Error(`${path} holds no token (at least 16 characters): remove it, and the next start makes a new one`);
  }
  return token;
}

/**
 * What only a Weir that knows the token and listens on this port can answer to a nonce. So a client learns whether it
 * speaks to its Weir before it sends the token; the port keeps a stranger from handing the question on to the real one.
 */
export function instanceProof(token: string, nonce: string, port: number): string {
  return createHmac('sha256', token).update(`weir health ${nonce} ${port}`).digest('base64url');
}

/** @throws ApiError 400 for a nonce of another form than 32 to 128 hexadecimal digits. */
export function checkedNonce(nonce: unknown): string {
  if (typeof nonce === 'string' && /^[0-9a-f]{32,128}$/.test(nonce)) return nonce;
  throw new ApiError('bad_nonce', 'a nonce has 32 to 128 hexadecimal digits', 'for example `openssl rand -hex 16`');
}
