import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm, type World, worldOf } from './column-folder-world.ts';
import { settings } from './column-world.ts';

const of_kind: Record<string, { readonly rules: string; readonly isCut: boolean; readonly least: number }> = {
  windows: {
    rules: `CREATE RULE often AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 3 SECONDS HAVING n >= 2;`,
    ...{ isCut: true, least: 10 },
  },
  suppressed: {
    rules: `CREATE RULE often AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 SECOND HAVING n >= 3 SUPPRESS BY account_id FOR 1 SECOND;`,
    // It fires seldom, for what it suppresses is known behind a stretch without a firing.
    ...{ isCut: true, least: 2 },
  },
  sessions: {
    rules: `CREATE RULE visits AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SESSION GAP 2 SECONDS MAX 20 SECONDS HAVING n >= 2;`,
    ...{ isCut: false, least: 10 },
  },
};

/** How far back columns were read, as the note says; null: all were. */
function readFrom(notes: string): string | null {
  return /of the columns was read what happened from (\S+) on: no more is needed/.exec(notes)?.[1] ?? null;
}

async function compare(world: World, since: string): Promise<{ readonly from: string | null; readonly found: number }> {
  const expected = await world.ofRecords('--since', since);
  assert.equal(readFrom(expected.notes), null, 'where there are no columns');
  await world.afresh();
  const part = await world.backtest('--since', since);
  assert.deepEqual(part.said, expected.said, since);
  return { from: readFrom(part.notes), found: part.said.stdout.split('\n').length - 1 };
}

for (const [kind, { rules, isCut, least }] of Object.entries(of_kind)) {
  test(`with --since, of columns is read what the answer depends on, and it stays the same: ${kind}`, async (t) => {
    let cut = 0;
    let found = 0;
    const world = await worldOf(t, 21, 400, calm);
    world.say(settings[0], rules);
    for (const second of [15, 30, 40, 50]) {
      const since = `2026-01-05T10:00:${second}.000Z`;
      const answer = await compare(world, since);
      if (answer.from !== null) {
        assert.ok(answer.from < since);
        cut++;
      }
      found += answer.found;
    }
    assert.ok(found >= least, `${found} detections`);
    assert.ok(isCut ? cut >= 2 : cut === 0, `${cut} of 4 read a part`);
  });
}
