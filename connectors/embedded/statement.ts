/** One statement as the embedded store runs it. */
export interface Statement {
  /** Its first word, in capitals. */
  readonly verb: string;
  /** Without a closing semicolon, and of an INSERT with data up to the data. */
  readonly sql: string;
  /** What FORMAT says at its end, and the text before that; null: nothing is said. */
  readonly format: { readonly name: string; readonly before: string } | null;
  /** An INSERT that reads rows: the text that stood behind its format ('' when the rows come in the request's body). */
  readonly data: string | null;
  /**
   * Whether the function `file` may stand in it, called or handed over by name (`arrayMap(file, [...])`): it gives any file
   * of the machine, and readonly lets it.
   */
  readonly reads_files: boolean;
  /** Whether a name is called outside of all brackets, as `DESCRIBE url(...)` does: that asks the address for its columns. */
  readonly calls: boolean;
  /** Whether it is a SHOW CREATE, which says where on this machine things lie. */
  readonly shows_create: boolean;
}

/** A text that is not run. `code` is ClickHouse's number for the kind of fault. */
export class RefusedStatement extends Error {
  readonly code: number;

  constructor(message: string, code = 62) {
    super(message);
    this.code = code;
  }
}

interface Token {
  /** A word in capitals, ';', '(' , ')', or '' for anything else. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const quotes = new Set(["'", '"', '`']);
const word = /[A-Za-z_][A-Za-z0-9_]*/y;

/** End of a quoted text that begins at `start`: behind its closing quote; a backslash escapes, a doubled quote is one. */
function endOfQuoted(sql: string, start: number): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === quote && sql[at + 1] === quote) at++;
    else if (sql[at] === quote) return at + 1;
  }
  throw new RefusedStatement(`the quote ${quote} at character ${start + 1} is not closed`);
}

/** Whether a token may be the name of the function `file`; a backslash in a quoted name may write any letter of it. */
function isFileFunction(sql: string, { start, end }: Token, before: Token): boolean {
  const text = sql.slice(start, end);
  // `t.file` is a column.
  if (before.text === '.') return false;
  return text === 'file' || /^(["`])(file\1$|.*\\)/s.test(text);
}

/** End of a comment that begins at `start`, or `start` where there is none. */
function endOfComment(sql: string, start: number): number {
  const two = sql.slice(start, start + 2);
  if (two === '--' || two === '# ' || two === '#!') {
    const newline = sql.indexOf('\n', start);
    return newline === -1 ? sql.length : newline + 1;
  }
  if (two !== '/*') return start;
  const end = sql.indexOf('*/', start + 2);
  if (end === -1) throw new RefusedStatement(`the comment at character ${start + 1} is not closed`);
  if (sql.slice(start + 2, end).includes('/*')) throw new RefusedStatement('a comment within a comment is not taken');
  return end + 2;
}

/**
 * Tokens of ClickHouse's SQL, as far as it takes to see where a statement ends. What this lexer and ClickHouse's own
 * could read in two ways (heredocs, typographic quotes, `//`) is refused: a semicolon must not hide behind it.
 */
function* tokens(sql: string): Generator<Token> {
  for (let start = 0; start < sql.length; ) {
    const character = sql[start];
    const comment = endOfComment(sql, start);
    if (comment > start) {
      start = comment;
    } else if (/\s/.test(character)) {
      start++;
    } else if (quotes.has(character)) {
      const end = endOfQuoted(sql, start);
      yield { text: '', start, end };
      start = end;
    } else if (character === '$' || character > '~' || sql.startsWith('//', start)) {
      const what = JSON.stringify(sql.slice(start, start + (character === '/' ? 2 : 1)));
      throw new RefusedStatement(`${what} at character ${start + 1} may stand only within quotes`);
    } else {
      word.lastIndex = start;
      const found = word.exec(sql)?.[0];
      const end = start + (found?.length ?? 1);
      yield { text: found?.toUpperCase() ?? character, start, end };
      start = end;
    }
  }
}

/**
 * Takes one statement apart. Throws RefusedStatement for two statements in one text (chdb would run both), for reading
 * or writing files by name, and for what cannot be read in one way only.
 */
export function readStatement(sql: string): Statement {
  let verb = '';
  let depth = 0;
  let before: Token = { text: '', start: 0, end: 0 };
  let format: { name: string; before: string } | null = null;
  let selects = false;
  let end = sql.length;
  let closed = false;
  let reads_files = false;
  let calls = false;
  let shows_create = false;
  for (const token of tokens(sql)) {
    if (token.text === ';' && !closed) {
      closed = true;
      end = token.start;
      continue;
    }
    if (closed) throw new RefusedStatement('Syntax error (Multi-statements are not allowed): one statement at a time');
    if (verb === '' && token.text !== '(') verb = token.text;
    reads_files ||= isFileFunction(sql, token, before);
    calls ||=
      depth === 0 && token.text === '(' && before.end > 0 && !['DESCRIBE', 'DESC', 'TABLE'].includes(before.text);
    shows_create ||= verb === 'SHOW' && before.text === 'SHOW' && token.text === 'CREATE';
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    // Neither may read or write a file of this machine: an embedded store has the rights of whoever started it.
    if ((token.text === 'OUTFILE' && before.text === 'INTO') || (token.text === 'INFILE' && before.text === 'FROM')) {
      throw new RefusedStatement(`${before.text} ${token.text} is not allowed here`, 497);
    }
    if (depth === 0 && (token.text === 'SELECT' || token.text === 'WITH')) selects = true;
    const takesRows = verb === 'INSERT' && !selects && depth === 0;
    if (takesRows && token.text === 'VALUES') {
      const statement = sql.slice(0, token.start);
      const data = sql.slice(token.end);
      return {
        verb,
        sql: statement,
        format: { name: 'Values', before: statement },
        data,
        reads_files,
        calls,
        shows_create,
      };
    }
    if (depth === 0 && before.text === 'FORMAT' && /^\w+$/.test(token.text)) {
      format = { name: sql.slice(token.start, token.end), before: sql.slice(0, before.start) };
      if (takesRows) {
        const data = dataBehind(sql, token.end);
        return { verb, sql: sql.slice(0, token.end), format, data, reads_files, calls, shows_create };
      }
    } else if (format !== null) {
      // It was a column of this name, or SETTINGS follow: the engine reads it itself.
      format = null;
    }
    before = token;
  }
  if (verb === '') throw new RefusedStatement('Syntax error: there is no statement');
  return { verb, sql: sql.slice(0, end).trimEnd(), format, data: null, reads_files, calls, shows_create };
}

/** Rows begin behind one newline, or behind blanks in the same line. */
function dataBehind(sql: string, end: number): string {
  return sql.slice(end).replace(/^[ \t;]*(\r?\n)?/, '');
}
