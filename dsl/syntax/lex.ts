import { type IToken, Lexer } from 'chevrotain';
import type { Finding, Reporter, SourceFile } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { syntaxLimits } from './limits.ts';
import { noSequence } from './refusals.ts';
import { Semicolon, Text, tokenTypes, UnclosedComment, UnclosedName, UnclosedText } from './tokens.ts';

const lexer = new Lexer(tokenTypes, { positionTracking: 'full', ensureOptimizations: true });

export interface LexedFile {
  /** The tokens, one list per statement (without its semicolon). */
  readonly statements: readonly IToken[][];
  /** The texts of the statements that have no tokens, because of a quote or a strange character. */
  readonly unread: readonly string[];
}

/** The tokens of a file; none where the text cannot be read. */
export function lex(file: SourceFile, reporter: Reporter): LexedFile {
  if (file.text.length > syntaxLimits.file_length) {
    reporter.error({
      code: 'W0001',
      span: { offset: 0, length: 1 },
      message: `a file of ${file.text.length} characters is no rule file`,
      hints: [`the most is ${syntaxLimits.file_length} characters; split it into several files`],
    });
    return { statements: [], unread: [] };
  }
  const { tokens, errors } = lexer.tokenize(file.text);
  const statements: IToken[][] = [];
  const unread: string[] = [];
  let statement: IToken[] = [];
  let next_error = 0;
  let begin = 0;
  const finish = (end: number) => {
    const error = errors[next_error];
    if (error !== undefined && error.offset < end) {
      // One strange character makes a statement unreadable; more of them say the same.
      reporter.error(strangeCharacter(file.text, begin, error.offset, error.length));
      while ((errors[next_error]?.offset ?? end) < end) next_error++;
      unread.push(file.text.slice(begin, end));
    } else if (statement.length > 0) {
      if (isClosed(statement, file.text, reporter)) statements.push(statement);
      else unread.push(file.text.slice(begin, end));
    }
    statement = [];
    begin = end;
  };
  for (const token of tokens) {
    if (token.tokenType === Semicolon) finish(token.startOffset);
    else statement.push(token);
  }
  finish(file.text.length);
  return { statements, unread };
}

/** False, with a diagnostic, when a quote or comment of the statement never closes. */
function isClosed(statement: readonly IToken[], text: string, reporter: Reporter): boolean {
  const open = statement.find(({ tokenType }) => [UnclosedText, UnclosedName, UnclosedComment].includes(tokenType));
  if (open === undefined) return true;
  if (open.tokenType === UnclosedText) {
    reporter.error(unclosedText(statement, open, text));
    return false;
  }
  const comment = open.tokenType === UnclosedComment;
  reporter.error({
    code: 'W0003',
    span: { offset: open.startOffset, length: comment ? 2 : 1 },
    message: comment ? 'this comment is never closed' : 'this double quote is never closed',
    label: comment ? 'close it with */' : 'close the name with another "',
    hints: comment ? [] : ["a text is written in single quotes: 'login'; double quotes are for names"],
  });
  return false;
}

/**
 * The last quote of a text is the one without a partner, but rarely the one that was forgotten: a word glued to the
 * end of an earlier text ('login AND result = 'fail) shows where the texts went inside out.
 */
function unclosedText(statement: readonly IToken[], open: IToken, text: string): Finding {
  const suspect = statement.find(
    (token) =>
      token.tokenType === Text && /[\w%.]/.test(text[token.startOffset + token.image.length] ?? '') && token !== open,
  );
  const hints = ["a quote inside a text is written twice: 'it''s'"];
  if (suspect === undefined) {
    const span = { offset: open.startOffset, length: 1 };
    return {
      code: 'W0003',
      span,
      message: 'this quote is never closed',
      label: "close the text with another '",
      hints,
    };
  }
  return {
    code: 'W0003',
    span: tokenSpan(suspect),
    message: 'a quote is never closed',
    label: 'this text ends in the middle of a word: the closing quote of an earlier text is missing',
    hints,
  };
}

const typographic = /[\u2018\u2019\u201a\u201b\u2032\u00b4`]/;
const typographicDouble = /[\u201c\u201d\u201e\u2033\u00ab\u00bb]/;

/** `begin`: where the statement begins that it stands in. */
function strangeCharacter(text: string, begin: number, offset: number, length: number): Finding {
  const written = text.slice(offset, offset + length);
  const span = { offset, length };
  const quoted = /^`([^`\n]+)`/.exec(text.slice(offset, offset + 100))?.[1];
  if (quoted !== undefined) {
    const isPlain = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(quoted);
    return {
      code: 'W0002',
      span: { offset, length: quoted.length + 2 },
      message: '`…` is how another dialect quotes a name',
      label: isPlain ? `write ${quoted}, without quotes` : `write "${quoted}"`,
      hints: ['a name that needs quotes has double ones; a text has single ones'],
    };
  }
  if (typographic.test(written)) {
    return {
      code: 'W0002',
      span,
      message: `\`${[...written][0]}\` is not the quote of SQL`,
      label: "texts are written in straight single quotes: 'login'",
      hints: ['word processors and chat programs replace straight quotes; type them again'],
    };
  }
  if (typographicDouble.test(written)) {
    const label = 'texts are written in straight single quotes, odd names in straight double quotes';
    return { code: 'W0002', span, message: `\`${[...written][0]}\` is not a quote of SQL`, label };
  }
  if (written.startsWith('#')) {
    return { code: 'W0002', span, message: '`#` begins no comment', label: 'comments begin with --' };
  }
  // The repeats of its pattern: (F{5} S).
  const pattern = /\bMATCH_RECOGNIZE\b/i.exec(text.slice(begin, offset));
  if (pattern !== null) {
    return {
      code: 'W0011',
      span: { offset: begin + pattern.index, length: pattern[0].length },
      message: 'steps in an order are not written with MATCH_RECOGNIZE',
      label: noSequence,
    };
  }
  const name = /^(?:\$|\{+)\s*([A-Za-z_]\w*)/.exec(text.slice(offset, offset + 80))?.[1];
  if (name !== undefined) {
    const label = `a parameter is written :${name}`;
    const hints = [`it is declared in the head of the rule: PARAM ${name} int = 10`];
    return { code: 'W0002', span, message: `\`${[...written][0]}\` is not part of the language`, label, hints };
  }
  const characters = [...written].slice(0, 8).join('');
  return {
    code: 'W0002',
    span,
    message: `\`${characters}\` is not part of the language`,
    label: 'remove it',
    hints: /\p{L}/u.test(written)
      ? ['a name with other characters than letters, digits and _ needs double quotes: "größe"']
      : [],
  };
}
