import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDiagnostics } from '../../../dsl/diagnostics/render.ts';
import { readLookup } from '../../../dsl/lookups/read-lookup.ts';
import type { LookupPlan } from '../../../dsl/plan/plan.ts';
import type { ValueType } from '../../../engine/index.ts';

function plan(columns: Record<string, ValueType>, ...key: string[]): LookupPlan {
  return {
    name: 'known',
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    key,
    valid_from: 'valid_from' in columns ? 'valid_from' : null,
    valid_to: 'valid_to' in columns ? 'valid_to' : null,
    source: 'known.csv',
    path: 'rules/known.lookup.sql',
  };
}

const nets = plan({ net: 'cidr', reason: 'string' }, 'net');

function read(lookup: LookupPlan, path: string, text: string) {
  const { content, bad_rows, diagnostics } = readLookup(lookup, { path, text });
  const rows = content === null ? null : JSON.parse(Buffer.from(content.bytes).toString()).rows;
  const said = renderDiagnostics(diagnostics, [{ path, text }], { color: false });
  return { rows, bad_rows, said };
}

test('CSV by RFC 4180: quotes, commas, line ends and quotes inside, CRLF, a byte order mark, empty lines', () => {
  const text = '\uFEFFreason,net\r\n"a, ""b""\r\nc",10.0.0.0/8\r\n\r\n"",192.0.2.1\r\n,2001:DB8::/32';
  const { rows, said } = read(nets, 'known.csv', text);
  assert.equal(said, '');
  assert.deepEqual(rows, [
    ['10.0.0.0/8', 'a, "b"\r\nc'],
    ['192.0.2.1/32', ''],
    ['2001:db8::/32', null],
  ]);
});

test('a bool of a CSV is true or false in any case, as a cast reads it', () => {
  const { rows, bad_rows } = read(
    plan({ k: 'string', b: 'bool' }, 'k'),
    'known.csv',
    'k,b\na,TRUE\nb,False\nc,true\nd,\ne,1\n',
  );
  assert.deepEqual(rows, [...Object.entries({ a: true, b: false, c: true, d: null })]);
  assert.equal(bad_rows, 1);
});

test('every bad row is named with file, line, column, what and why, left out and counted', () => {
  const text =
    'net,reason\n10.0.0.0/8,x\nfoo,y\n10.0.0.0/8,again\n,z\n1.2.3.4\n1.2.3.5,a"b\n"1.2.3.6"x,c\n192.0.2.0/24,ok\n';
  const { rows, bad_rows, said } = read(nets, 'rules/known.csv', text);
  assert.deepEqual(
    rows.map(([net]: string[]) => net),
    ['10.0.0.0/8', '192.0.2.0/24'],
  );
  assert.equal(bad_rows, 6);
  for (const line of [
    /known\.csv:3:1\n.*\n.*\^\^\^ a network is written 10\.0\.0\.0\/8/,
    /the key 10\.0\.0\.0\/8 stands in line 2 already/,
    /net is empty\n.*known\.csv:5:1/,
    /a row of 1 fields\n.*known\.csv:6:1/,
    /a quote inside a field that has none around it\n.*known\.csv:7:10/,
    /text behind a closing quote\n.*known\.csv:8:10/,
    /6 rows are left out of known; the others are in it/,
  ]) {
    assert.match(said, line);
  }
});

test('more bad rows than can be named are counted', () => {
  const text = `net,reason\n10.0.0.0/8,z\n${'x,y\n'.repeat(50)}`;
  const { bad_rows, said } = read(nets, 'known.csv', text);
  assert.equal(bad_rows, 50);
  assert.match(said, /30 more rows of known\.csv are wrong: 50 in all are left out of known/);
});

test('a file of bad rows alone is refused whole: a lookup that is empty by mistake says yes or no to everything', () => {
  const one = read(nets, 'known.csv', 'net,reason\nx,y\n');
  assert.equal(one.rows, null);
  assert.match(one.said, /^error\[W0404\]: no row of known\.csv is right: net: [^;\n]+\n.*known\.csv:2:1/s);
  const three = read(nets, 'known.csv', 'net,reason\nx,y\nx,z\n,z\n');
  assert.equal(three.rows, null);
  assert.match(three.said, /; 2 more are wrong\n/);
  // A list with nothing on it is one that somebody keeps.
  assert.deepEqual(read(nets, 'known.csv', 'net,reason\n').rows, []);
});

test('a file that lacks a column, names one twice, is empty or never closes a quote is refused or loses its rest', () => {
  assert.match(read(nets, 'known.csv', 'ned,reason\n').said, /no column `net`.*\n.*:1:1\n.*\n.*did you mean `ned`/s);
  assert.match(read(nets, 'known.csv', 'net,reason,net\n').said, /two columns are called `net`/);
  const empty = read(nets, 'known.csv', '');
  assert.match(empty.said, /the file is empty/);
  assert.equal(empty.rows, null);
  const open = read(nets, 'known.csv', 'net,reason\n10.0.0.0/8,x\n192.0.2.0/24,"y\n1.2.3.4,z\n');
  assert.match(open.said, /this quote is never closed/);
  assert.equal(open.rows.length, 1);
});

test('equal keys are distinct where they are valid at different times', () => {
  const owners = plan(
    { platform: 'string', account: 'int', owner: 'string', valid_from: 'timestamp', valid_to: 'timestamp' },
    'platform',
    'account',
  );
  const text = [
    'platform,account,owner,valid_from,valid_to',
    'x,7,ann,,2026-01-01',
    'x,7,bob,2026-01-01,2026-02-01T00:00:00+01:00',
    'x,7,cid,2026-01-15,',
    'y,7,dan,2026-01-02,2026-01-01',
    'y,seven,eve,,',
    'y,7,fay,1767225600000,',
  ].join('\n');
  const { rows, said } = read(owners, 'known.csv', text);
  assert.deepEqual(rows, [
    ['x', 7, 'ann', null, Date.UTC(2026, 0, 1)],
    ['x', 7, 'bob', Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 31, 23)],
    ['y', 7, 'fay', Date.UTC(2026, 0, 1), null],
  ]);
  assert.match(said, /the key x, 7 stands in line 3 already\n.*:4:1\n.*\n.*valid at the same time/);
  assert.match(said, /this row is never valid\n.*:5:1/);
  assert.match(said, /account: `seven` is no int\n.*:6:3/);
});

test('JSON and NDJSON: the same rows, with places; numbers are no texts', () => {
  const rows = [
    ['10.0.0.0/8', 'a]"'],
    ['192.0.2.0/24', null],
  ];
  const json =
    '[\n {"net": "10.0.0.0/8", "reason": "a]\\""},\n {"net": "192.0.2.0/24"},\n {"net": 7, "reason": "x"}\n]';
  const list = read(nets, 'known.json', json);
  assert.deepEqual(list.rows, rows);
  assert.match(list.said, /net: `7` is no cidr\n.*known\.json:4:3/);
  const ndjson =
    '{"net":"10.0.0.0/8","reason":"a]\\""}\n\n{"net":"192.0.2.0/24","reason":null}\nnope\n{"net":"::1","reason":{}}\n';
  const lines = read(nets, 'known.ndjson', ndjson);
  assert.deepEqual(lines.rows, rows);
  assert.match(lines.said, /this is no JSON object\n.*known\.ndjson:4:1/);
  assert.match(lines.said, /an object or a list is no value of a column\n.*known\.ndjson:5:14/);
  assert.match(read(nets, 'known.json', '{"net":"::1"}').said, /a lookup in JSON is a list of objects/);
  assert.match(read(nets, 'known.json', ' [ {"net":"::1"}').said, /this list is never closed/);
});
