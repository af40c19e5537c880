import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { ColumnMaker, type Program, type StoredEvents } from '../../../engine/index.ts';
import { columnSources } from '../../../engine/runtime/column-sources.ts';
import { RowSelection } from '../../../engine/runtime/row-selection.ts';
import { segmentOf } from './column-segment.ts';

function programOf(text: string): Program {
  const file = { path: 'case.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

function selectionOf(program: Program): RowSelection {
  const sources = columnSources(program);
  const selection = sources === null ? null : RowSelection.of(program, sources);
  assert.ok(selection !== null);
  return selection;
}

type Texts = { readonly event_type: string; readonly platform: string };

function columnsOf(program: Program, events: readonly Texts[]): StoredEvents {
  const maker = new ColumnMaker(program.schema);
  for (const [position, texts] of events.entries()) {
    const event = { event_id: `e${position}`, tenant_id: 'T', timestamp: 1000 + position, account_id: 'a', ...texts };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    maker.add({ partition: 'p', position, received_at: 1e9, bytes }, 'accepted');
  }
  const made = maker.finish();
  assert.ok(made !== null);
  return segmentOf(made).events;
}

/** The same, and how often the codes of each column were read. */
function counted(events: StoredEvents): { readonly events: StoredEvents; readonly reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const column = (name: string) => {
    const stored = events.column(name);
    if (stored === null || stored instanceof Float64Array) return stored;
    return {
      texts: stored.texts,
      get codes() {
        reads.set(name, (reads.get(name) ?? 0) + 1);
        return stored.codes;
      },
    };
  };
  return { events: { ...events, column }, reads };
}

const rule = (name: string, { event_type, platform }: Texts) =>
  `CREATE RULE ${name} AS SELECT account_id FROM events WHERE event_type = '${event_type}' AND platform = '${platform}';`;

test('of seventy rules each finds the rows that it reads, and what a column holds is read once for all of them', () => {
  const asked = Array.from({ length: 70 }, (_, k) => ({ event_type: `t${k}`, platform: `p${k % 3}` }));
  const selection = selectionOf(programOf(asked.map((texts, k) => rule(`r${k}`, texts)).join('\n')));
  const events = Array.from({ length: 500 }, (_, i) => ({
    event_type: `t${i % 90}`,
    platform: `p${Math.floor(i / 90) % 3}`,
  }));
  const { events: columns, reads } = counted(columnsOf(programOf(rule('r', asked[0])), events));
  const isAsked = (one: Texts) => asked.some((of) => of.event_type === one.event_type && of.platform === one.platform);
  const expected = events.map((one) => Number(isAsked(one)));
  // Readers beyond the first 32 and beyond the first 64 stand in words of their own.
  assert.ok([10, 40, 69].every((k) => events.some((one, i) => expected[i] === 1 && one.event_type === `t${k}`)));
  assert.deepEqual([...(selection.of(columns) ?? [])], expected);
  assert.deepEqual(Object.fromEntries(reads), { event_type: 1, platform: 1 });
});

test('where no text of a column is one that a rule names, not even its codes are read', () => {
  const program = programOf(rule('r', { event_type: 'nobody has it', platform: 'web' }));
  const { events, reads } = counted(columnsOf(program, [{ event_type: 'login', platform: 'web' }]));
  assert.deepEqual(selectionOf(program).of(events), Uint8Array.of(0));
  assert.equal(reads.size, 0);
});

test('a column is asked of the rows that harder conditions leave; where none is left it is not read', () => {
  const text = `CREATE RULE r AS SELECT account_id FROM events
    WHERE event_type = 'a' AND platform = 'x' AND account_id IN ('a', 'b', 'c');`;
  const program = programOf(text);
  const all = [
    { event_type: 'a', platform: 'web' },
    { event_type: 'b', platform: 'x' },
    { event_type: 'c', platform: 'ios' },
  ];
  const { events, reads } = counted(columnsOf(program, all));
  assert.deepEqual(selectionOf(program).of(events), Uint8Array.of(0, 0, 0));
  assert.deepEqual(Object.fromEntries(reads), { event_type: 1, platform: 1 });
});

test('what one stretch left is nothing to the next, which may be longer or shorter', () => {
  const program = programOf(rule('r', { event_type: 'a', platform: 'x' }));
  const selection = selectionOf(program);
  const of = (types: string) => {
    const events = [...types].map((event_type) => ({ event_type, platform: event_type === 'c' ? 'y' : 'x' }));
    return [...(selection.of(columnsOf(program, events)) ?? [])];
  };
  for (const types of ['ab', 'babacab', 'aac', 'bcbcbcbca']) {
    assert.deepEqual(
      of(types),
      [...types].map((type) => Number(type === 'a')),
    );
  }
});

test('half a surrogate pair that a rule names stands for no text of a column, and for none that another rule names', () => {
  const rules = [
    { event_type: '\ufffd', platform: 'web' },
    { event_type: '\ud800', platform: 'ios' },
  ];
  const program = programOf(rules.map((texts, k) => rule(`r${k}`, texts)).join('\n'));
  const events = columnsOf(program, [
    { event_type: '\ufffd', platform: 'web' },
    { event_type: '\ufffd', platform: 'ios' },
  ]);
  assert.deepEqual(selectionOf(program).of(events), Uint8Array.of(1, 0));
});
