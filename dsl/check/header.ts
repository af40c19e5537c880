import { type RuleMetadata, type Severity, severities } from '../../engine/index.ts';
import { type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import type { HeaderClause, TextNode } from '../syntax/tree.ts';
import type { Checked } from './checked.ts';
import { type Columns, referTo } from './columns.ts';
import type { DetectionScope } from './detection-scope.ts';
import { oneOf, severityCase } from './severity.ts';

const modes = ['live', 'shadow', 'signal'] as const;

/** The header: metadata (`entity` and `respond` come from the footer), and SEVERITY where it is computed. */
export interface Header {
  readonly metadata: Omit<RuleMetadata, 'entity' | 'respond'>;
  readonly severity: Checked | null;
}

/** The header's clauses except PARAM. Wrong ones are reported; `scope` is null when the SELECT is wrong. */
export function checkHeader(
  rule: string,
  header: readonly HeaderClause[],
  scope: DetectionScope | null,
  reporter: Reporter,
): Header {
  const metadata = {
    title: [rule] as RuleMetadata['title'],
    severity: 'medium' as Severity,
    confidence: null as number | null,
    attack: [] as readonly string[],
    description: null as string | null,
    runbook: null as string | null,
    tags: [] as readonly string[],
    references: [] as readonly string[],
  };
  const draft: Draft = { metadata, severity: null };
  const seen = new Set<string>();
  for (const clause of header) {
    if (clause.kind === 'param') continue;
    reporter.attempt(() => {
      refuseSecond(clause, seen);
      applyClause(clause, draft, scope);
    });
  }
  return draft;
}

interface Draft {
  readonly metadata: { -readonly [part in keyof Header['metadata']]: RuleMetadata[part] };
  severity: Checked | null;
}

function applyClause(
  clause: Exclude<HeaderClause, { kind: 'param' }>,
  draft: Draft,
  scope: DetectionScope | null,
): void {
  const { metadata } = draft;
  switch (clause.kind) {
    case 'title':
      // Without columns the SELECT is wrong, and references to it would only repeat that.
      if (scope !== null) metadata.title = titleParts(clause.text, scope.columns);
      break;
    case 'description':
    case 'runbook':
      metadata[clause.kind] = clause.text.value;
      break;
    case 'attack':
      metadata.attack = clause.texts.map(technique);
      break;
    case 'tags':
    case 'references':
      metadata[clause.kind] = clause.texts.map((text) => text.value);
      break;
    case 'severity':
      if (!('kind' in clause.chosen)) metadata.severity = oneOf(clause.chosen, severities, 'severity');
      else if (scope !== null) draft.severity = severityCase(clause.chosen, scope);
      break;
    case 'mode': {
      const mode = oneOf(clause.word, modes, 'mode');
      if (mode !== 'live') metadata.mode = mode;
      break;
    }
    case 'across_tenants':
      // What it means is a question of the stream too (across.ts).
      break;
    case 'confidence':
      metadata.confidence = confidence(clause.value);
  }
}

/** Refuses a clause that a rule has only once. */
export function refuseSecond(
  clause: { readonly kind: string; readonly span: TextNode['span'] },
  seen: Set<string>,
): void {
  const name = clause.kind.toUpperCase().replaceAll('_', ' ');
  if (seen.has(clause.kind)) {
    refuse({
      code: 'W0006',
      span: clause.span,
      message: `a second ${name}`,
      label: 'a rule has one; remove the other',
    });
  }
  seen.add(clause.kind);
}

function confidence({ digits, span }: { digits: string; span: TextNode['span'] }): number {
  const value = Number(digits);
  if (value >= 0 && value <= 1) return value;
  refuse({
    code: 'W0222',
    span,
    message: `CONFIDENCE ${digits} is not between 0 and 1`,
    label: value <= 100 ? `write ${value / 100}` : 'write for example 0.7',
  });
}

function technique(text: TextNode): string {
  if (/^(TA\d{4}|T\d{4}(\.\d{3})?)$/.test(text.value)) return text.value;
  refuse({
    code: 'W0222',
    span: text.span,
    message: `'${text.value}' is no ATT&CK technique`,
    label: "techniques are written 'T1110' or 'T1110.001', tactics 'TA0006'",
    hints: ['words of your own belong to TAGS'],
  });
}

/** A brace without its other half would be shown as it is, where a column was meant. */
function refuseLoneBrace({ value, span }: TextNode): void {
  // What stands in whole braces is taken out, as so many blanks, so that places stay.
  const rest = value.replaceAll(/\{[^{}]*\}/g, (part) => ' '.repeat(part.length));
  const at = rest.search(/[{}]/);
  if (at === -1) return;
  const brace = rest[at];
  const name = /^\{\s*(\w[\w.]*)/.exec(value.slice(at))?.[1] ?? 'account_id';
  refuse({
    code: 'W0222',
    span: { offset: span.offset + 1 + at, length: 1 },
    message: `a \`${brace}\` without its \`${brace === '{' ? '}' : '{'}\` in a title`,
    label: `write {${name}}, or leave it out`,
    hints: ['a column of the SELECT stands in braces: {account_id}'],
  });
}

/** 'Guessing on {account_id}' as text and references in turn. */
function titleParts(text: TextNode, columns: Columns): RuleMetadata['title'] {
  const parts: RuleMetadata['title'][number][] = [];
  let end = 0;
  for (const match of text.value.matchAll(/\{([^{}]*)\}/g)) {
    if (match.index > end) parts.push(text.value.slice(end, match.index));
    const name = (match[1] as string).trim();
    // Offsets inside the quotes: exact unless a quote was doubled before.
    const span = { offset: text.span.offset + 1 + match.index, length: match[0].length };
    parts.push(referTo(columns, name.split('.'), span, 'a title').reference);
    end = match.index + match[0].length;
  }
  refuseLoneBrace(text);
  if (end < text.value.length) parts.push(text.value.slice(end));
  return parts;
}
