import {
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  type TokenType,
  tokenLabel,
} from 'chevrotain';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { inSelect } from './in-select.ts';
import { mistakeAt } from './mistakes.ts';
import { refusalAt } from './refusals.ts';
import { footer } from './situation.ts';

/** What the parser expected, as the text of its exception: 'FROM', 'a name or `(`'. Empty when it did not say. */
export const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: ({ expectedPathsPerAlt }) => oneOf(expectedPathsPerAlt.flat().map(([first]) => first)),
  buildEarlyExitMessage: ({ expectedIterationPaths }) => oneOf(expectedIterationPaths.map(([first]) => first)),
};

function oneOf(types: readonly (TokenType | undefined)[]): string {
  const labels = [...new Set(types.flatMap((type) => (type === undefined ? [] : [tokenLabel(type)])))];
  // The alternatives of an expression are too many to list and mean one thing.
  if (labels.length > 8 && labels.includes('TRUE')) return 'an expression';
  if (labels.length < 2) return labels.join('');
  return `${labels.slice(0, -1).join(', ')} or ${labels.at(-1)}`;
}

/** A syntax error as people say it: what stood there, what could stand there, and what was probably meant. */
export function explainSyntaxError(error: IRecognitionException, tokens: readonly IToken[]): Finding {
  const place = tokens.indexOf(error.token);
  const index = place === -1 ? tokens.length : place;
  const special = inSelect(tokens, index) ?? refusalAt(tokens, index) ?? mistakeAt(tokens, index, error.message);
  if (special !== null) return special;
  const last = tokens.at(-1) as IToken;
  const span =
    index < tokens.length
      ? tokenSpan(tokens[index] as IToken)
      : { offset: last.startOffset + last.image.length, length: 1 };
  const found = tokens[index]?.image;
  const expected = error.message;
  return {
    code: 'W0004',
    span,
    message: found === undefined ? 'the statement ends too early' : `\`${shorten(found)}\` cannot stand here`,
    label: expected === '' ? '' : `expected ${expected}`,
    hints: [expected === '' || expected === 'AS' ? orderOfClauses(tokens, index) : ''].filter((hint) => hint !== ''),
  };
}

function shorten(image: string): string {
  return image.length > 30 ? `${image.slice(0, 29)}…` : image;
}

function orderOfClauses(tokens: readonly IToken[], index: number): string {
  const words = tokens.slice(0, index).map((token) => token.image.toUpperCase());
  if (words.includes('FROM')) {
    return `the order is SELECT, FROM, WHERE, GROUP BY, WINDOW, HAVING, then in any order ${footer.join(', ')}`;
  }
  if (words[1] === 'RULE' && !words.includes('SELECT')) {
    return 'a rule is CREATE RULE name, its header (TITLE, SEVERITY, CONFIDENCE, ATTACK, PARAM, …), AS, SELECT …';
  }
  return '';
}
