import { eventSchemaV1 } from '../../engine/index.ts';
import { printable } from './table.ts';

/** Records at the beginning of a file that are looked at: a producer writes all of its records in one way. */
export const looked_at_records = 100;
const shown_keys = 3;

const nested = new Set(eventSchemaV1.fields.filter(({ path }) => path.length > 1).map(({ name }) => name));

/**
 * Keys at the top of one record that are the dotted path of a field (`actor.ip`, `details.app`), in their order. Such a
 * key is a valid extra field, which no rule can read. [] for what is no JSON object: the door has words for that.
 */
export function flatKeysOf(bytes: Uint8Array): readonly string[] {
  try {
    const record: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return [];
    return Object.keys(record).filter((key) => nested.has(key) || /^details\../.test(key));
  } catch {
    return [];
  }
}

/**
 * What to tell about a record with such keys, and how to mend it.
 * @param keys at least one
 * @param place the record: `events.ndjson:1`
 * @param path the file as it was given; null: the standard input
 */
export function flatKeysText(keys: readonly string[], place: string, path: string | null): string {
  const [first, ...rest] = (keys[0] as string).split('.');
  const shown = keys.slice(0, shown_keys).map((key) => `\`${printable(key)}\``);
  const more = keys.length > shown_keys ? ` and ${keys.length - shown_keys} more` : '';
  const what = `${shown.join(', ')}${more} as ${keys.length === 1 ? 'one flat key' : 'flat keys'}`;
  // A path that a shell would take apart is left to whoever types the command.
  const file = path !== null && /^[\w./-]+$/.test(path) ? ` ${path}` : '';
  const mend = `jq -c 'reduce to_entries[] as $e ({}; setpath($e.key / "."; $e.value))'`;
  return (
    `${place} has ${what}, which no rule reads: a field inside another one is written nested, ` +
    `"${first}": {"${printable(rest.join('.'))}": …}. To nest them: ${mend}${file}`
  );
}
