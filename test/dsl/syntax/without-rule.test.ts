import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutRule } from '../../../dsl/syntax/without-rule.ts';

const view = "CREATE VIEW logins AS SELECT account_id FROM events WHERE event_type = 'login';\n";
const one = 'CREATE RULE one AS SELECT account_id FROM logins;\n';
const two = "CREATE RULE two AS SELECT account_id FROM logins WHERE account_id = 'a;b' -- not; here\n;\n";

test('one rule goes with the comment right above it, and everything else stays as it was written', () => {
  const head = '-- A pack.\n\n';
  const text = `${head}${view}\n-- About one.\n-- More of it.\n${one}\n-- About two.\n${two}`;
  assert.equal(withoutRule(text, 'one'), `${head}${view}\n-- About two.\n${two}`);
  assert.equal(withoutRule(text, 'two'), `${head}${view}\n-- About one.\n-- More of it.\n${one}`);
  assert.equal(withoutRule(`${one}${two}`, 'one'), two);
  assert.equal(
    withoutRule(`${one}\nCREATE RULE two AS SELECT account_id FROM logins\n`, 'two'),
    one,
    'the last one may have no semicolon',
  );
});

test('nothing is left of a file with one rule; a view, another name and a text that does not parse are not taken out', () => {
  assert.equal(withoutRule(`-- Guessing.\n${one}`, 'one'), '');
  assert.equal(withoutRule(`${view}${one}`, 'logins'), null);
  assert.equal(withoutRule(one, 'two'), null);
  assert.equal(withoutRule('CREATE RULE one AS SELECT FROM;', 'one'), null);
  // A statement that does not parse is somebody's, and stays.
  assert.equal(withoutRule(`${one}CREATE RULE two AS SELECT FROM;\n`, 'one'), 'CREATE RULE two AS SELECT FROM;\n');
});
