import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LookupContent, lookupContent } from '../../../engine/index.ts';
import { type LookupFiles, LookupWatch } from '../../../ui-api/live/lookup-watch.ts';

const content = (...names: string[]): LookupContent =>
  lookupContent(
    'watched',
    [{ name: 'name', type: 'string' }],
    names.map((name) => [name]),
  );

/** Files that the test writes, and what was activated from which stream time. */
class World implements LookupFiles {
  written = 0;
  contents: LookupContent[] = [content('a')];
  problems: string[] = [];
  readonly activated: string[] = [];
  readonly said: string[] = [];
  from_ms = Number.NEGATIVE_INFINITY;

  stamp(): string {
    return String(this.written);
  }

  read() {
    return { contents: this.contents, problems: this.problems };
  }

  watch(versions: ReadonlyMap<string, string | null> = new Map([['watched', null]])): LookupWatch {
    const activate = async (contents: readonly LookupContent[]) => {
      this.activated.push(...contents.map(({ version }) => version));
      return this.from_ms;
    };
    return new LookupWatch(this, { activate }, versions, (message) => this.said.push(message));
  }
}

test('S13 at the start the rows act, unless the log has them already', async () => {
  const world = new World();
  await world.watch().begin();
  assert.deepEqual(world.activated, [content('a').version]);
  assert.deepEqual(world.said, [], 'the first rows of an empty log are no news');
  const again = new World();
  await again.watch(new Map([['watched', content('a').version]])).begin();
  assert.deepEqual(again.activated, []);
});

test('S13 a file that was written is read when it has come to rest, and acts from the stream time then', async () => {
  const world = new World();
  const watch = world.watch();
  await watch.begin();
  world.from_ms = Date.UTC(2026, 0, 1);
  world.written = 1;
  world.contents = [content('a', 'b')];
  await watch.look();
  assert.equal(world.activated.length, 1, 'it may still be written');
  await watch.look();
  assert.equal(world.activated[1], content('a', 'b').version);
  assert.match(
    world.said[0],
    /^lookup watched: version \w{16}, 2 rows, acts on events from 2026-01-01T00:00:00.000Z on$/,
  );
  await watch.look();
  assert.equal(world.activated.length, 2);
});

test('a file with the same rows is no new version; a wrong one is told and changes nothing', async () => {
  const world = new World();
  const watch = world.watch();
  await watch.begin();
  world.written = 1;
  await watch.look();
  await watch.look();
  assert.equal(world.activated.length, 1);
  world.written = 2;
  world.contents = [];
  world.problems = ['watched.csv:1:1: the file is empty'];
  await watch.look();
  await watch.look();
  await watch.look();
  assert.deepEqual(world.said, world.problems);
  assert.equal(world.activated.length, 1);
});
