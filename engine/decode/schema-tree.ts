import type { EventField, EventSchema } from '../event-schema.ts';

/** What may stand under a key of an event: a declared field, or an object that holds some. */
export type SchemaNode = FieldNode | ObjectNode;

export interface FieldNode {
  readonly kind: 'field';
  readonly field: EventField;
  /** Index into EventSchema.fields. */
  readonly index: number;
  /** The name it stands under in the record, for messages: the field's own, or an alias. */
  readonly name: string;
}

export interface ObjectNode {
  readonly kind: 'object';
  readonly name: string;
  readonly children: SchemaNodes;
}

export type SchemaNodes = ReadonlyMap<string, SchemaNode>;

/** The names that the door reads itself, in every schema, and the open part. */
export const doorNames: ReadonlySet<string> = new Set([
  'timestamp',
  'event_id',
  'seq',
  'tenant_id',
  'received_at',
  'details',
]);

/** The schema as a tree of lookups by key, made once. Aliases stand at the top, where a declared name goes before. */
export function schemaTree(schema: EventSchema): SchemaNodes {
  const top = new Map<string, SchemaNode>();
  schema.fields.forEach((field, index) => {
    const holder = holderOf(top, field);
    const last = field.path[field.path.length - 1];
    if (holder.has(last)) throw new Error(`schema ${schema.name}: two fields stand at ${field.name}`);
    holder.set(last, { kind: 'field', field, index, name: field.name });
  });
  schema.fields.forEach((field, index) => {
    for (const name of field.aliases) if (!top.has(name)) top.set(name, { kind: 'field', field, index, name });
  });
  return top;
}

function holderOf(top: Map<string, SchemaNode>, field: EventField): Map<string, SchemaNode> {
  let holder = top;
  for (let i = 0; i < field.path.length - 1; i++) {
    const known = holder.get(field.path[i]);
    if (known?.kind === 'field') throw new Error(`schema: ${known.name} cannot be a value and hold ${field.name}`);
    const children = (known?.children as Map<string, SchemaNode> | undefined) ?? new Map<string, SchemaNode>();
    if (known === undefined) {
      holder.set(field.path[i], { kind: 'object', name: field.path.slice(0, i + 1).join('.'), children });
    }
    holder = children;
  }
  return holder;
}

/** Whether a path leads to something declared or the door's own; what does not is an extra field, part of details. */
export function isDeclared(top: SchemaNodes, path: readonly string[]): boolean {
  if (doorNames.has(path[0])) return true;
  let nodes = top;
  for (const key of path) {
    const node = nodes.get(key);
    if (node === undefined) return false;
    if (node.kind === 'field') return true;
    nodes = node.children;
  }
  return true;
}
