import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRole } from '../../../connectors/embedded/roles.ts';
import { readStatement } from '../../../connectors/embedded/statement.ts';

test('one statement: its verb, its format, without a closing semicolon', () => {
  assert.deepEqual(readStatement(' select 1 ; -- done'), {
    verb: 'SELECT',
    sql: ' select 1',
    format: null,
    data: null,
    reads_files: false,
    calls: false,
    shows_create: false,
  });
  const { verb, format } = readStatement('WITH 1 AS a SELECT a FORMAT JSONEachRow');
  assert.deepEqual([verb, format], ['WITH', { name: 'JSONEachRow', before: 'WITH 1 AS a SELECT a ' }]);
  assert.equal(readStatement('(SELECT 1) UNION ALL (SELECT 2)').verb, 'SELECT');
  assert.equal(readStatement('SELECT format FROM t').format, null, 'a column may be called format');
  assert.equal(readStatement('SELECT \';\', `a;b`, "c;" /* ; */ # ;\n -- ;\n').format, null);
});

test('a second statement is refused, wherever quotes and comments might hide it', () => {
  const hidden = [
    'SELECT 1; DROP TABLE t',
    "SELECT 'it''s'; DROP TABLE t",
    "SELECT '\\''; DROP TABLE t --'",
    "SELECT 1 # it's\n; DROP TABLE t --'",
    "SELECT 1 -- it's\n; DROP TABLE t --'",
    "SELECT 1 /* ' */; DROP TABLE t --'",
    "SELECT $$ ' $$; DROP TABLE t --'",
    "SELECT 1 // it's\n; DROP TABLE t --'",
    "SELECT \u2018 ' \u2019; DROP TABLE t --'",
    "SELECT 1 /* /* */ ' */; DROP TABLE t --'",
    'SELECT 1;; SELECT 2',
  ];
  for (const sql of hidden) assert.throws(() => readStatement(sql), /not allowed|only within quotes|comment/, sql);
  assert.throws(() => readStatement("SELECT 'open"), /is not closed/);
  assert.throws(() => readStatement(' -- nothing\n'), /there is no statement/);
});

test('files of the machine are neither read nor written by name', () => {
  assert.throws(() => readStatement("SELECT 1 INTO OUTFILE '/tmp/x'"), /INTO OUTFILE is not allowed/);
  assert.throws(() => readStatement("SELECT 1 INTO/**/outfile '/tmp/x'"), /INTO OUTFILE/);
  assert.throws(
    () => readStatement("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV"),
    /FROM INFILE is not allowed/,
  );
  assert.equal(readStatement('SELECT outfile FROM t').verb, 'SELECT');
});

test('a reader is not told by SHOW CREATE where things lie', () => {
  for (const sql of ['SHOW CREATE TABLE events', 'show/**/create database weir'])
    assert.throws(() => checkRole('reader', readStatement(sql)), /may not SHOW CREATE: DESCRIBE NAME/, sql);
  checkRole('writer', readStatement('SHOW CREATE TABLE events'));
  checkRole('reader', readStatement('SHOW TABLES'));
  checkRole('reader', readStatement('SHOW COLUMNS FROM "create"'));
});

test('the rows of an INSERT are data from their first byte on, whatever stands in them', () => {
  const inline = readStatement('INSERT INTO t (a) FORMAT CSV\n"a\n\nDROP TABLE t --"\n');
  assert.deepEqual([inline.sql, inline.data], ['INSERT INTO t (a) FORMAT CSV', '"a\n\nDROP TABLE t --"\n']);
  const values = readStatement("INSERT INTO t (format) VALUES ('a;\n\nDROP TABLE t')");
  assert.deepEqual([values.format?.name, values.data], ['Values', " ('a;\n\nDROP TABLE t')"]);
  assert.equal(readStatement('INSERT INTO t SELECT 1').data, null);
  assert.equal(readStatement('INSERT INTO t FORMAT JSONEachRow').data, '');
});
