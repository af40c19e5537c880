import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderDiagnostics } from '../../../dsl/diagnostics/render.ts';
import { readTestFile } from '../../../dsl/packs/test-file.ts';

const path = 'x.test.yaml';
const read = (text: string) => readTestFile(path, text);

/** The whole rendered text of what is wrong. */
function messages(text: string): string {
  const { problems } = read(text);
  return renderDiagnostics(problems, [{ path, text }], { color: false });
}

test('a test with everything in it', () => {
  const { tests, problems } = read(`
- test: all of it
  given:
    params: { least: 3, name: x, strict: true }
    history: { every: 5m, for: 25h, event: { event_type: login } }
  events:
    - { every: 60s, times: 10, event: { account_id: 'a{i}' } }
    - restart
    - idle: 30s
    - { at: 9m, late: 10s, duplicate: 2, partition: b, event: { account_id: a } }
  door: { late: 1 }
  expect:
    - { rule: r, at: 9m, key: a, failures: 10, severity: high, suppressed: true, evidence: 10, revision: 2, closed: true, values: { at: 5m } }
`);
  assert.deepEqual(problems, []);
  const [{ name, line, given, steps, expect, door }] = tests;
  assert.deepEqual([name, line], ['all of it', 2]);
  assert.deepEqual(
    [...given.params],
    [
      ['least', 3],
      ['name', 'x'],
      ['strict', true],
    ],
  );
  assert.deepEqual([given.history?.every_ms, given.history?.for_ms], [300_000, 90_000_000]);
  const shapes = steps.map((step) => (step.kind === 'event' ? { ...step, event: null } : step));
  const event = { kind: 'event', event: null };
  assert.deepEqual(shapes, [
    { ...event, at_ms: 0, every_ms: 60_000, times: 10, late_ms: 0, duplicate: 0, partition: 'test', line: 7 },
    { kind: 'restart', line: 8 },
    { kind: 'idle', for_ms: 30_000, partition: null, line: 9 },
    { ...event, at_ms: 540_000, every_ms: 0, times: 1, late_ms: 10_000, duplicate: 2, partition: 'b', line: 10 },
  ]);
  assert.deepEqual([...door], [['late', 1]]);
  const { place: _place, severity_place: _severity, values, ...rest } = expect[0];
  assert.deepEqual(rest, {
    ...{
      rule: 'r',
      at_ms: 540_000,
      key: ['a'],
      suppressed: true,
      suppressed_by: null,
      timing: 'final',
      withdrawn: false,
      severity: 'high',
      evidence: 10,
      line: 13,
      revision: 2,
      closed: true,
    },
  });
  assert.deepEqual(
    values.map(({ column, value }) => [column, value]),
    [
      ['failures', 10],
      ['at', '5m'],
    ],
  );
});

test('an anchored event can be used again', () => {
  const { tests, problems } = read(`
- test: aliases
  events: [{ event: &fail { result: fail } }, { at: 1m, event: *fail }]
  expect: none
`);
  assert.deepEqual(problems, []);
  const keys = tests[0].steps.map((step) => step.kind === 'event' && step.event.map.entries.map(({ key }) => key));
  assert.deepEqual(keys, [['result'], ['result']]);
});

test('aliases that multiply are stopped', () => {
  const bomb = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${Array(9).fill(i === 0 ? '1' : `*a${i - 1}`)}]`);
  assert.match(messages(bomb.join('\n')), /too much YAML: aliases make it larger than a test can be/);
});

test('a key that is unknown: its place, the nearest one, and what exists', () => {
  assert.equal(
    messages(`- test: a\n  evnts: []\n  events: []\n  expect: none\n`),
    `error[W0403]: a test has no key \`evnts\`
  ┌─ x.test.yaml:2:3
2 │   evnts: []
  │   ^^^^^ did you mean \`events\`?
  = keys of a test: test, given, events, expect, door
`,
  );
});

test('a duration without a unit', () => {
  assert.equal(
    messages(`- test: a\n  events: [{ every: 60, times: 3, event: {} }]\n  expect: none\n`),
    `error[W0403]: \`every\` is a duration such as 30s, 15m or 500ms, not 60
  ┌─ x.test.yaml:2:21
2 │   events: [{ every: 60, times: 3, event: {} }]
  │                     ^^
`,
  );
});

test('an expression that is none', () => {
  assert.equal(
    messages(`- test: a\n  events: [{ event: { account_id: 'acct_{n}' } }]\n  expect: none\n`),
    `error[W0403]: 'acct_{n}': 'n' is neither a whole number nor i
  ┌─ x.test.yaml:2:35
2 │   events: [{ event: { account_id: 'acct_{n}' } }]
  │                                   ^^^^^^^^^^
  = expressions are whole numbers, i, + - * / % and brackets, as in {i % 3}; a brace itself is {{
`,
  );
});

test('broken YAML', () => {
  assert.match(
    messages('- test: a\n\tevents: []\n'),
    /^error\[W0402\]: not valid YAML: [^\n]*\n[^=]*= indent with spaces, not with tabs\n$/,
  );
  assert.match(messages('- test: a\n  test: b\n'), /keys must be unique[\s\S]*a key stands once in a map/i);
});

test('each other mistake is named', () => {
  const event = 'events: [{ event: { a: 1 } }]';
  const none = 'expect: none';
  for (const [text, message] of [
    ['test: a', /a test file is a list of tests, not a map/],
    ['- a', /a test is a map of keys, not the text 'a'/],
    [`- ${event}\n  ${none}`, /this test has no name/],
    [`- test: a\n  ${none}`, /this test has no events/],
    [`- test: a\n  ${event}`, /expects nothing in particular[\s\S]*expect: none/],
    [`- test: a\n  ${event}\n  expect: nothing`, /`expect` is none or a list, not the text 'nothing'/],
    [`- test: a\n  ${event}\n  expect:\n    - { at: 9m }`, /names no rule/],
    [`- test: a\n  ${event}\n  expect: [{ rule: r, timing: soon }]`, /`timing` is early or final, not 'soon'/],
    [`- test: a\n  ${event}\n  expect: [{ rule: r, withdrawn: true }]`, /only what left early can be withdrawn/],
    [
      `- test: a\n  ${event}\n  expect: [{ rule: r, suppressed_by: [a] }]`,
      /`suppressed_by` is the time of a detection or/,
    ],
    [`- test: a\n  ${event}\n  expect: [{ rule: r, revision: 0 }]`, /revision/],
    [`- test: a\n  ${event}\n  expect: [{ rule: r, closed: perhaps }]`, /closed/],
    [`- test: a\n  ${event}\n  expect: [{ rule: r, x: { a: 1 } }]`, /a column's value cannot be a map/],
    [`- name: a\n  ${event}\n  ${none}`, /has no key `name`[\s\S]*did you mean `test`\?/],
    [`- test: a\n  input: []\n  ${none}`, /has no key `input`[\s\S]*did you mean `events`\?/],
    [`- test: a\n  events: [{ count: 3, event: {} }]\n  ${none}`, /has no key `count`[\s\S]*did you mean `times`\?/],
    [`- test: a\n  ${event}\n  expect: [r]`, /a map of keys, not the text 'r'[\s\S]*write - \{ rule: <name>, at: 9m/],
    [`- test: a\n  events: [stop]\n  ${none}`, /the text 'stop' is no event/],
    [`- test: a\n  events: [{ at: 5m }]\n  ${none}`, /this item has no event/],
    [`- test: a\n  events: [{ every: 5m, event: {} }]\n  ${none}`, /`every` without `times`/],
    [`- test: a\n  events: [{ times: 0, event: {} }]\n  ${none}`, /`times` is a whole number from 1/],
    [
      `- test: a\n  events: [{ event: { timestamp: 5 } }]\n  ${none}`,
      /has no `timestamp` of its own[\s\S]*begins on Monday, 5 January 2026/,
    ],
    [`- test: a\n  given: { lookups: x }\n  ${event}\n  ${none}`, /`lookups` is a map of keys/],
    [`- test: a\n  given: { params: { x: [1] } }\n  ${event}\n  ${none}`, /`x` is a value, not a list/],
    [`- test: a\n  given: { history: { every: 1s, for: 30d, event: {} } }\n  ${event}\n  ${none}`, /are too many/],
    [`- test: a\n  ${event}\n  ${none}\n- test: a\n  ${event}\n  ${none}`, /two tests are called 'a'/],
    [`- test: a\n  ${event}\n  door: { late: -1 }\n  ${none}`, /`late` is a whole number from 0/],
  ] as const) {
    assert.match(messages(text), message, text);
  }
});

test('keys that are names of JavaScript are only keys', () => {
  const { tests, problems } = read(
    `- test: a\n  events: [{ event: { __proto__: { x: 1 }, constructor: 2 } }]\n  expect: none\n`,
  );
  assert.deepEqual(problems, []);
  const [step] = tests[0].steps;
  assert.deepEqual(step.kind === 'event' && step.event.map.entries.map(({ key }) => key), ['__proto__', 'constructor']);
});

test('whatever stands in a file, it is read or refused with a place inside of it', () => {
  const words = [
    '- ',
    'test: a',
    'events:',
    'expect: none',
    '\n',
    '\n  ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    ': ',
    '*a',
    '&a ',
    '"',
    '{i}',
  ];
  const fragment = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      for (const { place } of read(text).problems) {
        assert.ok(place && place.offset >= 0 && place.offset + place.length <= text.length, JSON.stringify(place));
      }
    }),
    { numRuns: 500 },
  );
});
