import type { ValueType } from '../../engine/index.ts';
import type { Reporter } from '../diagnostics/diagnostic.ts';
import type { RuleStatement, ViewStatement } from '../syntax/tree.ts';
import { groupOf } from './baseline.ts';
import type { CheckedOperator } from './checked.ts';
import { detectionScope } from './detection-scope.ts';
import { checkExists, takeExists } from './exists.ts';
import { checkFooter } from './footer.ts';
import { checkHeader, type Header } from './header.ts';
import { Input, type InputField } from './input.ts';
import { lifeOf } from './life.ts';
import type { Lookups } from './lookup-values.ts';
import type { Params } from './params.ts';
import { checkSelect } from './select.ts';
import { checkStreamJoins, isStreamJoin, type Resolve, type SourceKind } from './stream-join.ts';
import { checkTable } from './table.ts';
import { checkUnnests } from './unnest.ts';

const no_header: Header = {
  metadata: {
    ...{ title: [], severity: 'info', confidence: null, attack: [] },
    ...{ description: null, runbook: null, tags: [], references: [] },
  },
  severity: null,
};

/** What a statement may refer to beside its own words. */
export interface Surroundings {
  /** Declared already. */
  readonly params: Params;
  /** The view stands in this statement, under this name; null: it is a statement itself. */
  readonly local: string | null;
  readonly lookups: Lookups;
  readonly resolve: Resolve;
  /** What a name can be read as; null: nothing has it, or it has no rows. */
  readonly kindOf: (name: string) => SourceKind | null;
  /** Is told what the SELECT reads: a joined input has no name by which it could be found. */
  readonly keepInput: (input: Input) => void;
}

/** Checks CREATE RULE, CREATE VIEW or CREATE TABLE against what it reads; null when it has an error. */
export function checkOperator(
  statement: RuleStatement | ViewStatement,
  input: Input,
  { params, local, lookups, resolve, kindOf, keepInput }: Surroundings,
  reporter: Reporter,
): CheckedOperator | null {
  const errors = reporter.errors;
  const header = statement.kind === 'rule' ? statement.header : [];
  const { select: written, exists } = takeExists(statement.select);
  const { from, joins } = written;
  const streams = joins.filter((node) => isStreamJoin(node, lookups, kindOf));
  const asked = { params, lookups, reporter };
  const taken =
    streams.length === 0
      ? reporter.attempt(() => checkUnnests(written.unnests, input, from.alias?.text ?? null, asked))
      : checkStreamJoins(from, { joins: streams, unnests: written.unnests }, input, resolve, asked);
  if (taken === null) return null;
  const read = taken.input;
  keepInput(read);
  const unnests = 'unnests' in taken ? taken.unnests : [];
  const left = { from, input: read, join: 'join' in taken ? taken.join : null, unnests };
  const join = exists.length === 0 ? left.join : checkExists(exists, left, resolve, asked);
  const is_joined = left.join !== null;
  const rows = { input: read, join, unnests: join === null ? unnests : [], is_joined };
  const select = checkSelect(written, { ...rows, params, lookups, reporter, kindOf });
  const scope = select === null ? null : detectionScope(select, params, reporter, read);
  const head = statement.kind === 'rule' ? checkHeader(statement.name.text, header, scope, reporter) : no_header;
  if (select === null || scope === null || (exists.length > 0 && join === null)) return null;
  if (statement.kind === 'table') reporter.attempt(() => checkTable(statement));
  const footer = checkFooter(statement.kind, statement.footer, scope, head);
  if (statement.kind === 'rule') for (const finding of params.unused()) reporter.warn(finding);
  if (reporter.errors > errors) return null;
  const { entity, suppress, evidence_limit, emit_at_end, emit_early } = footer;
  const { respond, risk, state_keys, retention_ms } = footer.life;
  const { metadata, severity } = head;
  const kind = statement.kind === 'rule' ? 'rule' : 'view';
  return {
    ...{
      kind,
      table: statement.kind === 'table',
      name: statement.name.text,
      path: reporter.path,
      span: statement.span,
      select,
    },
    name_span: statement.name.span,
    ...{ params: statement.kind === 'rule' ? params.plans : [], suppress, evidence_limit, emit_early },
    emit_at_end: emit_at_end || statement.kind === 'table',
    metadata: { ...metadata, entity, ...(respond === null ? {} : { respond }) },
    ...{ severity, risk, life: lifeOf(footer.life), state_keys, retention_ms, exceptions: [], tunes: [], local },
    branch: null,
    across: header.find(({ kind }) => kind === 'across_tenants')?.span ?? null,
  };
}

/** What rules see that read this view; `written`: what a rule calls it that has it for itself. */
export function inputOfView({ name, select, local, retention_ms }: CheckedOperator): Input {
  const { outputs } = select;
  const fields = outputs.map(
    ({ name: column, expression, aliases }): InputField => ({
      name: column,
      path: [column],
      type: typeOfColumn(expression.type),
      aliases,
    }),
  );
  return new Input(name, fields, false, { written: local ?? name, group: groupOf(select), retention_ms });
}

function typeOfColumn(type: ValueType): ValueType {
  return type === 'null' ? 'string' : type;
}
