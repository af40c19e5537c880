import { ACROSS_TENANT, compareText, type EventField, eventSchemaV1, type StreamSettings } from '../../engine/index.ts';
import { type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { FieldDeclaration, StreamSetting, StreamStatement } from '../syntax/tree.ts';
import type { CheckedStream } from './checked.ts';
import { durationMs } from './literals.ts';
import { typeNamed } from './types.ts';

/** What holds when no CREATE STREAM says otherwise (semantics.md S3, S4). */
export const defaultStream: CheckedStream = {
  name: 'events',
  schema: eventSchemaV1,
  settings: { lateness_ms: 5_000, idle_ms: 5_000, max_ahead_ms: 300_000, dedup_horizon_ms: 3_600_000 },
};

const longest_ms = 7 * 86_400_000;
const always = new Set(['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at', 'details']);

/** Checks CREATE STREAM; wrong parts are reported and keep their default. */
export function checkStream(statement: StreamStatement, reporter: Reporter): CheckedStream {
  if (statement.name.text !== 'events') {
    reporter.error({
      code: 'W0010',
      span: statement.name.span,
      message: `not yet: a stream named ${statement.name.text}`,
      label: 'this version has one stream, named events',
      hints: [`CREATE VIEW ${statement.name.text} AS SELECT * FROM events WHERE … gives a part of it its own name`],
    });
  }
  const settings = { ...defaultStream.settings };
  const seen = new Set<string>();
  for (const setting of statement.settings) {
    reporter.attempt(() => applySetting(setting, settings, seen));
  }
  const shared = reporter.attempt(() => checkSharing(statement)) ?? [];
  const sharing = shared.length === 0 ? {} : { sharing: shared };
  if (statement.fields === null) return { ...defaultStream, settings, ...sharing };
  const names = new Set<string>();
  const fields = statement.fields.flatMap((field) => reporter.attempt(() => [checkField(field, names)]) ?? []);
  return { name: 'events', schema: { name: 'declared', fields }, settings, ...sharing };
}

/** The tenants whose events rules ACROSS TENANTS may see together. */
function checkSharing({ sharing }: StreamStatement): string[] {
  const [first, second] = sharing;
  if (second !== undefined) {
    const message = 'a second SHARING TENANTS';
    refuse({ code: 'W0006', span: second.span, message, label: 'a stream has one: list all tenants there' });
  }
  for (const { value, span } of first?.tenants ?? []) {
    if (value !== ACROSS_TENANT && value !== '') continue;
    const label = value === '' ? 'write its name' : 'there is no name for all of them: list those that agreed to it';
    refuse({ code: 'W0220', span, message: `'${value}' is no tenant`, label });
  }
  return [...new Set(first?.tenants.map(({ value }) => value) ?? [])].sort(compareText);
}

const setting_names = {
  lateness: 'lateness_ms',
  idle: 'idle_ms',
  max_ahead: 'max_ahead_ms',
  dedup: 'dedup_horizon_ms',
} as const;

function applySetting(
  { kind, duration, span }: StreamSetting,
  settings: { -readonly [name in keyof StreamSettings]: number },
  seen: Set<string>,
): void {
  const name = kind === 'max_ahead' ? 'MAX AHEAD' : kind.toUpperCase();
  if (seen.has(kind)) refuse({ code: 'W0006', span, message: `a second ${name}`, label: 'a stream has one' });
  seen.add(kind);
  const value = durationMs(duration);
  if (value < 0 || value > longest_ms) {
    refuse({
      code: 'W0220',
      span: duration.span,
      message: `${name} from 0 to 7 DAYS`,
      label: value < 0 ? 'time does not run back' : 'events would wait that long before any rule sees them',
    });
  }
  settings[setting_names[kind]] = value;
}

function checkField({ name: parts, type, required, span }: FieldDeclaration, names: Set<string>): EventField {
  const path = parts.map((part) => part.text);
  const name = path.join('.');
  const first = path[0] as string;
  if (always.has(first)) {
    refuse({
      code: 'W0220',
      span,
      message: `${first} is there without being declared`,
      label: first === 'details' ? 'fields of details are read as details.x' : 'remove it from the list',
    });
  }
  if (names.has(name))
    refuse({ code: 'W0109', span, message: `two fields are called \`${name}\``, label: 'remove one' });
  const inside = [...names].find((other) => other.startsWith(`${name}.`) || name.startsWith(`${other}.`));
  if (inside !== undefined) {
    refuse({
      code: 'W0220',
      span,
      message: `${name} cannot be a value and hold ${inside} at once`,
      label: didYouMean(name, names),
    });
  }
  names.add(name);
  const named = typeNamed(type, ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'array']) as EventField['type'];
  return { name, path, type: named, aliases: [], required, summary: '' };
}
