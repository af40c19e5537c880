import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ApiError } from './errors.ts';

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

/** A check of an Authorization header whose time tells nothing about the token. */
export function tokenCheck(token: string): (header: string | undefined) => void {
  const expected = digest(token);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (given === undefined) {
      throw unauthorised('this address needs a token');
    }
    if (!timingSafeEqual(digest(given), expected)) throw unauthorised('the token is not the right one');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unauthorised(message: string): ApiError {
  return new ApiError(
    401,
    'unauthorised',
    message,
    'send the header "authorization: Bearer TOKEN"; the token stands in the file `token` in the data folder',
    { 'www-authenticate': 'Bearer realm="weir"' },
  );
}
