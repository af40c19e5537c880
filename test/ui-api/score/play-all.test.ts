import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scenarios } from '../../../connectors/index.ts';
import { type PlayAllOptions, playAll } from '../../../ui-api/score/play-all.ts';
import { ruleFolder } from '../cli/rule-folder.ts';

const files = {
  'guess.rule.sql': `CREATE RULE guess SEVERITY high CONFIDENCE 0.9 PARAM least int = 10 IN 3 TO 50 AS
SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= :least
ENTITY account account_id;
`,
};
const options: Omit<PlayAllOptions, 'threads' | 'on_progress'> = {
  scenarios: scenarios.filter(({ name }) => ['account-guessing', 'contact-swap'].includes(name)),
  ...{ seeds: 3, events_per_hour: 200, cut_ms: 3_600_000 },
};

test('how many threads play cannot show: same runs in the same order, each contestant its own', async (context) => {
  const folder = ruleFolder(context, files);
  const spec = { paths: ['guess.rule.sql'], folder, rule: null, params: [] };
  const specs = [spec, { ...spec, rule: 'guess', params: [['guess.least', 50]] as const }];
  let told = 0;
  const on_progress = (_runs: number, events: number): void => {
    told = events;
  };
  const here = await playAll(specs, { ...options, threads: 1, on_progress });
  const toldHere = told;
  const apart = await playAll(specs, { ...options, threads: 2, on_progress });
  assert.deepEqual(apart, here);
  assert.equal(told, toldHere);
  const [own, strict] = here;
  assert.deepEqual(
    own.map(({ scenario, seed }) => `${scenario} ${seed}`),
    ['account-guessing 1', 'account-guessing 2', 'account-guessing 3', ...[1, 2, 3].map((n) => `contact-swap ${n}`)],
  );
  const found = (runs: typeof own) => runs.reduce((sum, { detections }) => sum + detections.length, 0);
  assert.ok(found(own) >= 18 && found(strict) > 0 && found(strict) < found(own));
  const entities = own.flatMap(({ detections }) => detections.map(({ entity }) => entity));
  assert.ok(
    entities.every((entity) => /^\["\w+\.example","u_\w+"\]$/.test(entity)),
    entities[0],
  );
  const events = own.flatMap(({ background_events, attacks }) => [
    background_events,
    ...[...attacks.values()].map((attack) => attack.events),
  ]);
  assert.equal(
    told,
    events.reduce((sum, count) => sum + count, 0),
  );
});

test('a thread that fails is told', async (context) => {
  const folder = ruleFolder(context, { 'bad.rule.sql': 'CREATE RULE bad AS SELECT nothing FROM events;\n' });
  const spec = { paths: ['bad.rule.sql'], folder, rule: null, params: [] };
  await assert.rejects(playAll([spec], { ...options, threads: 2, on_progress: () => undefined }), /nothing/);
});
