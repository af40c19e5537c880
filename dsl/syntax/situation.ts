import type { IToken } from 'chevrotain';
import type { Finding, Span } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { Identifier } from './tokens.ts';

/** The statement around the token at which the parser stopped; words are in capitals, '' beyond either end. */
export interface Situation {
  readonly tokens: readonly IToken[];
  readonly index: number;
  /** What the parser waited for; '' when it did not say. */
  readonly expected: string;
  readonly word: string;
  readonly next: string;
  readonly before: string;
}

/** Recognises one mistake that people make; null when it is not this one. */
export type Mistake = (situation: Situation) => Omit<Finding, 'code'> | null;

export const clauses = ['SELECT', 'FROM', 'WHERE', 'GROUP', 'WINDOW', 'HAVING'];
export const header = [
  ...['TITLE', 'SEVERITY', 'CONFIDENCE', 'ATTACK', 'DESCRIPTION', 'RUNBOOK', 'TAGS', 'REFERENCES', 'MODE'],
];
export const footer = [
  ...['SUPPRESS', 'ENTITY', 'EVIDENCE', 'EMIT', 'RISK', 'RESPOND', 'ESCALATE', 'UPDATE', 'CLOSE', 'STATE', 'RETENTION'],
];

/** The word at a place, in capitals; '' beyond either end. */
export function wordAt(tokens: readonly IToken[], index: number): string {
  return tokens[index]?.image.toUpperCase() ?? '';
}

/** Where the token stands at which the parser stopped, or the last one when it wanted more. */
export function here({ tokens, index }: Situation): Span {
  return tokenSpan(tokens[Math.min(index, tokens.length - 1)] as IToken);
}

/** The token before. */
export function before({ tokens, index }: Situation): Span {
  return tokenSpan(tokens[Math.max(index - 1, 0)] as IToken);
}

export function isName(token: IToken | undefined): boolean {
  return (
    token !== undefined && (token.tokenType === Identifier || (token.tokenType.CATEGORIES ?? []).includes(Identifier))
  );
}

/** Whether the token stands inside brackets. */
export function isInBrackets({ tokens, index }: Pick<Situation, 'tokens' | 'index'>): boolean {
  let depth = 0;
  for (const token of tokens.slice(0, index)) {
    if (token.image === '(') depth++;
    else if (token.image === ')') depth--;
  }
  return depth > 0;
}
