import type { Finding } from '../diagnostics/diagnostic.ts';
import { foreignIn } from './dialects.ts';

/** A statement whose AS is followed by a text of another rule language; offsets are of the file. */
export interface Pasted {
  readonly finding: Finding;
  /** Where its CREATE begins. */
  readonly start: number;
  /** Behind its semicolon, or the end of the file. */
  readonly end: number;
}

const head = /\bCREATE\s+(?:RULE|VIEW|TABLE)\b/gi;
const nextStatement =
  /;\s*(?=(?:CREATE|TUNE)\b|$)|\n(?=[ \t]*CREATE\s+(?:RULE|VIEW|TABLE|STREAM|LOOKUP|FUNCTION|EXCEPTION)\b)/i;
/** Marks of Siddhi and Esper in a SELECT: none can stand in Weir SQL, whatever the fields are called. */
const never_sql = /#|\.win:|^pattern/i;

/**
 * The statements of a file that have a head of Weir and a body of another language: `CREATE RULE r AS index=auth | stats …`.
 * What begins as a query is one, unless it has a mark that no SQL has; so no text in a right rule can look like one.
 */
export function pastedIn(text: string): readonly Pasted[] {
  const plain = withoutTexts(text);
  // A head inside a body is part of it: so that each stretch of a file is looked at once.
  let done = 0;
  return [...plain.matchAll(head)].flatMap(({ index: start }) => {
    const body = start < done ? null : bodyStart(plain, start);
    if (body === null) return [];
    const rest = plain.slice(body);
    const next = nextStatement.exec(rest);
    const end = next === null ? text.length : body + next.index + next[0].length;
    done = end;
    const isQuery = /^\s*(?:SELECT\b|WITH\b|\()/i.test(rest);
    const finding = isQuery
      ? foreignIn(plain.slice(0, end), body, (mark, before) => never_sql.test(mark) && isSource(mark, before))
      : foreignIn(text.slice(0, end), body, () => true);
    return finding === null ? [] : [{ finding, start, end }];
  });
}

/** `pattern [` is one in FROM alone: a field of details may have that name. */
function isSource(mark: string, before: string): boolean {
  return !/^pattern/i.test(mark) || /\bFROM\s+$/i.test(before);
}

/** Texts, quoted names and comments as spaces, to the end where one is not closed: what is in them is nobody's language. */
function withoutTexts(text: string): string {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?/g, (found) =>
    ' '.repeat(found.length),
  );
}

/** Behind the AS of a head; null where the statement has none. */
function bodyStart(plain: string, start: number): number | null {
  const words = /\bAS\b|\bCREATE\b|[();]/gi;
  words.lastIndex = start + 'CREATE'.length;
  let depth = 0;
  for (let match = words.exec(plain); match !== null; match = words.exec(plain)) {
    const word = match[0].toUpperCase();
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (word === ';' || word === 'CREATE') return null;
    else if (depth === 0) return words.lastIndex;
  }
  return null;
}
