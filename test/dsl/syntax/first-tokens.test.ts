import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lexer, type TokenType } from 'chevrotain';
import { expectFirstTokens } from '../../../dsl/syntax/first-tokens.ts';
import { StatementGrammar } from '../../../dsl/syntax/statement-grammar.ts';
import { tokenTypes } from '../../../dsl/syntax/tokens.ts';

const lexer = new Lexer(tokenTypes);

test('the grammar is sound: no alternative hides another one, no rule begins with itself', () => {
  // What parse() leaves out at each start: chevrotain throws where it finds something.
  assert.doesNotThrow(() => new StatementGrammar({ skipValidations: false }));
});

test('what could stand at an error is worked out one token far, and is the same as further', () => {
  const far: number[] = [];
  const said = (isFirst: boolean) => {
    const first = (paths: readonly TokenType[][]) => {
      far.push(Math.max(...paths.map((path) => path.length)));
      return [...new Set(paths.map(([type]) => type?.name))].sort().join(' ');
    };
    const parser = new StatementGrammar({
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: {
        buildMismatchTokenMessage: ({ expected }) => expected.name,
        buildNotAllInputParsedMessage: () => 'end',
        buildNoViableAltMessage: ({ expectedPathsPerAlt }) => first(expectedPathsPerAlt.flat()),
        buildEarlyExitMessage: ({ expectedIterationPaths }) => first(expectedIterationPaths),
      },
    });
    if (isFirst) expectFirstTokens(parser);
    return (text: string) => {
      parser.input = lexer.tokenize(text).tokens;
      parser.statement();
      return parser.errors[0]?.message ?? null;
    };
  };
  const [whole, one] = [said(false), said(true)];
  const texts = [
    'CREATE RULE r AS SELECT a FROM events WHERE',
    'CREATE RULE r AS SELECT a > * FROM events',
    'CREATE RULE r AS SELECT FROM events',
    'CREATE RULE r AS SELECT a FROM events GROUP BY a WINDOW 5',
    'CREATE STREAM s LATENESS',
    'CREATE TUNE',
    'CREATE',
    'CREATE RULE r AS SELECT a FROM events WHERE a IN (',
    'CREATE RULE r AS SELECT a FROM events AS e JOIN events AS f WITHIN (',
  ];
  const expected = texts.map(whole);
  assert.ok(Math.max(...far) > 1 && expected.every((message) => message !== null));
  far.length = 0;
  assert.deepEqual(texts.map(one), expected);
  assert.deepEqual([...new Set(far)], [1]);
  // It parses as far ahead as before.
  assert.equal(one('CREATE RULE r AS SELECT a FROM events WHERE a NOT IN (1, 2)'), null);
});
