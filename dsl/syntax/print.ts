import type { SourceFile } from '../diagnostics/diagnostic.ts';
import { SourceText } from '../diagnostics/source-text.ts';
import type { ParsedFile } from './parse.ts';
import type { Statement } from './tree.ts';

/** The tokens of a file, one per line: `line:column  kind  text`. */
export function printTokens(parsed: ParsedFile, file: SourceFile): string {
  const source = new SourceText(file.text);
  const lines = parsed.tokens.map(({ type, text, span }) => {
    const { line, column } = source.position(span.offset);
    return `${`${line}:${column}`.padEnd(8)}${type.padEnd(12)}${text.replaceAll('\n', '\\n')}`;
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Syntax trees, indented: a node per line with what it holds, its parts below it. */
export function printTree(statements: readonly Statement[]): string {
  const lines: string[] = [];
  for (const statement of statements) printNode(statement, '', 0, lines);
  return lines.map((line) => `${line}\n`).join('');
}

interface Node {
  readonly kind?: unknown;
  readonly text?: unknown;
  readonly span?: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A word is printed as its text: it has no parts of its own. */
function isWord(value: Node): boolean {
  return 'text' in value && 'span' in value && !('kind' in value) && typeof value.text === 'string';
}

function printNode(node: Node, role: string, depth: number, lines: string[]): void {
  const attributes: string[] = [];
  const parts: [string, unknown][] = [];
  for (const [name, value] of Object.entries(node)) {
    if (name === 'span' || name === 'kind' || value === null || value === false) continue;
    if (isNode(value) && isWord(value)) attributes.push(`${name}=${String(value.text)}`);
    else if (Array.isArray(value) && value.length > 0 && value.every((part) => isNode(part) && isWord(part))) {
      attributes.push(`${name}=${value.map((part) => (part as Node).text).join('.')}`);
    } else if (typeof value === 'object') parts.push([name, value]);
    else attributes.push(`${name}=${JSON.stringify(value)}`);
  }
  const kind = typeof node.kind === 'string' ? node.kind : '';
  const head = [role === '' ? '' : `${role}:`, kind, ...attributes].filter((part) => part !== '').join(' ');
  lines.push(`${'  '.repeat(depth)}${head}`);
  for (const [name, value] of parts) printPart(name, value, depth + 1, lines);
}

function printPart(name: string, value: unknown, depth: number, lines: string[]): void {
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    lines.push(`${'  '.repeat(depth)}${name}:`);
    for (const part of value) if (isNode(part)) printNode(part, '', depth + 1, lines);
  } else if (isNode(value) && 'offset' in value) {
    lines.push(`${'  '.repeat(depth)}${name}`);
  } else if (isNode(value)) {
    printNode(value, name, depth, lines);
  }
}
