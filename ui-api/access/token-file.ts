import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Identity, isRole, type Role, roles } from './roles.ts';

/** A token as it is kept: its hash and what it may do, never itself. */
export interface StoredToken extends Identity {
  /** SHA-256 of the token, hexadecimal. A token is 192 random bits: nothing is gained by a slow hash. */
  readonly sha256: string;
  readonly created_at: string;
  /** Null: it does not expire. */
  readonly expires_at: string | null;
}

/** Tokens in one file; more of them would make each check slow. */
const most_tokens = 1000;
/** A change takes milliseconds: an older mark of one is of a process that was killed. */
const stale_ms = 10_000;

/** The token of the first start: its owner owns the data folder, so it may do everything. */
const owner: Identity = { id: 'owner', name: 'owner', roles };

/**
 * The tokens of an API: the owner's, and those of `tokens.json`, which `weir token` changes. The file is looked at on
 * each check, so that a token that is revoked is refused from that moment on, also by a Weir that is running.
 */
export class TokenFile {
  readonly #path: string;
  readonly #owner: Buffer | null;
  #stamp = '';
  #tokens: readonly StoredToken[] = [];

  /** @param owner_token the token with all roles; null where only the file is worked on */
  constructor(path: string, owner_token: string | null) {
    this.#path = path;
    this.#owner = owner_token === null ? null : sha256(owner_token);
  }

  /** Whose token it is; null: nobody's. Takes the same time for every token that is nobody's. */
  identify(token: string, now_ms: number): Identity | null {
    const given = sha256(token);
    let found: Identity | null = this.#owner !== null && timingSafeEqual(given, this.#owner) ? owner : null;
    try {
      this.#refresh();
    } catch {
      // A damaged file lets nobody in; the first token does not stand in it.
      this.#tokens = [];
    }
    for (const stored of this.#tokens) {
      const isIt = timingSafeEqual(given, Buffer.from(stored.sha256, 'hex'));
      if (isIt && (stored.expires_at === null || Date.parse(stored.expires_at) > now_ms)) found = stored;
    }
    return found;
  }

  list(): readonly StoredToken[] {
    this.#refresh();
    return this.#tokens;
  }

  /**
   * Makes a token; it is told this once and kept as its hash.
   * @throws Error when the name is taken, there are too many, or the file cannot be written.
   */
  create(
    name: string,
    given: readonly Role[],
    now_ms: number,
    expires_ms: number | null,
    tenant: string | null = null,
  ): { token: string; stored: StoredToken } {
    const token = `weir_${randomBytes(24).toString('base64url')}`;
    const stored: StoredToken = {
      id: randomBytes(6).toString('hex'),
      name,
      roles: roles.filter((role) => given.includes(role)),
      tenant,
      sha256: sha256(token).toString('hex'),
      created_at: new Date(now_ms).toISOString(),
      expires_at: expires_ms === null ? null : new Date(expires_ms).toISOString(),
    };
    this.#change((tokens) => {
      if (tokens.some((other) => other.name === name)) throw new Error(`there is a token named ${name} already`);
      if (tokens.length >= most_tokens) throw new Error(`there are ${most_tokens} tokens: revoke some`);
      return [...tokens, stored];
    });
    return { token, stored };
  }

  /** Takes the token of an id or a name away; null: there is none. */
  revoke(id_or_name: string): StoredToken | null {
    let revoked: StoredToken | null = null;
    this.#change((tokens) => {
      revoked = tokens.find(({ id, name }) => id === id_or_name || name === id_or_name) ?? null;
      return tokens.filter((token) => token !== revoked);
    });
    return revoked;
  }

  /** The new file is written whole beside the old one and takes its place; its name keeps two changes apart. */
  #change(change: (tokens: readonly StoredToken[]) => readonly StoredToken[]): void {
    const next = `${this.#path}.new`;
    const age_ms = Date.now() - (statSync(next, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (age_ms > stale_ms) rmSync(next, { force: true });
    const file = openSync(next, 'wx', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify({ version: 1, tokens: change(readTokens(this.#path)) }, null, 2)}\n`);
      fsyncSync(file);
      renameSync(next, this.#path);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  #refresh(): void {
    const stats = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
    const stamp = stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    if (stamp === this.#stamp) return;
    this.#tokens = stamp === '' ? [] : readTokens(this.#path);
    this.#stamp = stamp;
  }
}

/** @throws Error when the file is no list of tokens: a damaged one must not let anybody in, nor be overwritten. */
function readTokens(path: string): readonly StoredToken[] {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
  let tokens: unknown;
  try {
    ({ tokens } = JSON.parse(readFileSync(path, 'utf8')) as { tokens?: unknown });
  } catch {
    tokens = null;
  }
  if (Array.isArray(tokens) && tokens.every(isStored)) return tokens;
  throw new Error(`${path} holds no list of tokens: restore it, or remove it and create the tokens again`);
}

function isStored(value: unknown): value is StoredToken {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, roles: held, tenant = null, sha256: hash, expires_at } = value as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    Array.isArray(held) &&
    held.every((role) => typeof role === 'string' && isRole(role)) &&
    (tenant === null || typeof tenant === 'string') &&
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    (expires_at === null || (typeof expires_at === 'string' && !Number.isNaN(Date.parse(expires_at))))
  );
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
