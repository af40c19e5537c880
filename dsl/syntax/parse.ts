import type { IToken } from 'chevrotain';
import type { Reporter, SourceFile, Span } from '../diagnostics/diagnostic.ts';
import { expressionsOfSelect } from './children.ts';
import { noteKeywords, tokenSpan } from './cst.ts';
import { checkDepth, tooDeep } from './depth.ts';
import { dialectOf } from './dialects.ts';
import { expectFirstTokens } from './first-tokens.ts';
import { lex } from './lex.ts';
import { syntaxLimits } from './limits.ts';
import { pastedIn } from './pasted.ts';
import { StatementGrammar } from './statement-grammar.ts';
import { statementTree } from './statement-tree.ts';
import { expectations, explainSyntaxError } from './syntax-errors.ts';
import type { ExpressionNode, Statement } from './tree.ts';
import { namesDeclaredIn, type UnreadName } from './unread.ts';

let made: StatementGrammar | null = null;

/**
 * One parser for all statements, made when the first one comes: that analyses the grammar, which takes longer than parsing a
 * hundred rules, and many commands read none. Whether the grammar is sound is no question of each start, but of a test.
 */
function parserOf(): StatementGrammar {
  if (made !== null) return made;
  const options = { nodeLocationTracking: 'onlyOffset', errorMessageProvider: expectations } as const;
  made = new StatementGrammar({ ...options, skipValidations: true });
  expectFirstTokens(made);
  return made;
}

/** A token as `weir explain --stage tokens` shows it. */
export interface TokenView {
  readonly type: string;
  readonly text: string;
  readonly span: Span;
}

export interface ParsedFile {
  readonly path: string;
  readonly tokens: readonly TokenView[];
  /** Statements without errors. */
  readonly statements: readonly Statement[];
  /** Where words stand that are keywords there, and no names, in those statements. */
  readonly keywords: ReadonlySet<number>;
  /** What the statements with errors would have declared. */
  readonly unread: readonly UnreadName[];
}

/** Text to syntax trees. A wrong statement is reported and left out; the others of the file are read. */
export function parse(file: SourceFile, reporter: Reporter): ParsedFile {
  const foreign = file.text.length > syntaxLimits.file_length ? null : dialectOf(file.text);
  if (foreign !== null) {
    reporter.error(foreign);
    return { path: file.path, tokens: [], statements: [], keywords: new Set(), unread: [] };
  }
  const { text, unread: pasted } = withoutPasted(file, reporter);
  const { statements, unread } = lex({ ...file, text }, reporter);
  const names = [...pasted, ...unread].flatMap(namesDeclaredIn);
  const keywords = new Set<number>();
  const trees = statements.flatMap((tokens) => {
    const tree = parseStatement(tokens, keywords, reporter);
    if (tree === null) names.push(...namesDeclaredIn(textOf(tokens, file.text)));
    return tree === null ? [] : [tree];
  });
  const tokens = statements.flat().map((token) => ({
    type: token.tokenType.name,
    text: token.image,
    span: tokenSpan(token),
  }));
  return { path: file.path, tokens, statements: trees, keywords, unread: names };
}

/** Statements with a body of another language are told as that, and left out: what else is wrong with them follows from it. */
function withoutPasted({ text }: SourceFile, reporter: Reporter): { text: string; unread: string[] } {
  if (text.length > syntaxLimits.file_length) return { text, unread: [] };
  let rest = text;
  const unread = pastedIn(text).map(({ finding, start, end }) => {
    reporter.error(finding);
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
    return text.slice(start, end);
  });
  return { text: rest, unread };
}

function textOf(tokens: readonly IToken[], text: string): string {
  const last = tokens.at(-1) as IToken;
  return text.slice(tokens[0]?.startOffset, last.startOffset + last.image.length);
}

function parseStatement(tokens: IToken[], keywords: Set<number>, reporter: Reporter): Statement | null {
  const deep = deepest(tokens);
  if (deep !== null) {
    reporter.error(tooDeep(tokenSpan(deep)));
    return null;
  }
  const parser = parserOf();
  parser.input = tokens;
  const cst = parser.statement();
  const [error] = parser.errors;
  if (error !== undefined) {
    reporter.error(explainSyntaxError(error, tokens));
    return null;
  }
  noteKeywords(cst, keywords);
  return reporter.attempt(() => {
    const tree = statementTree(cst);
    for (const expression of expressionsOf(tree)) checkDepth(expression);
    return tree;
  });
}

function expressionsOf(statement: Statement): ExpressionNode[] {
  if (statement.kind === 'stream' || statement.kind === 'lookup') return [];
  if (statement.kind === 'exception' || statement.kind === 'tune') return [statement.where];
  if (statement.kind === 'function') return [statement.body];
  return expressionsOfSelect(statement.select);
}

/** The token at which nesting exceeds the limit, or null. Counted before parsing: the parser recurses. */
function deepest(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  let signs = 0;
  for (const token of tokens) {
    const { name } = token.tokenType;
    if (name === 'OpenParen' || name === 'CASE') depth++;
    else if (name === 'CloseParen' || name === 'END') depth = Math.max(0, depth - 1);
    // `- - - x` and `NOT NOT x` are loops for the parser, but levels of the tree.
    signs = name === 'Minus' || name === 'NOT' ? signs + 1 : 0;
    if (depth > syntaxLimits.nesting || signs > syntaxLimits.nesting) return token;
  }
  return null;
}
