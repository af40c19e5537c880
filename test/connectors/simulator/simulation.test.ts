import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Simulation, scenarios } from '../../../connectors/index.ts';
import { eventSchemaV1 } from '../../../engine/index.ts';
import { play, scenarioNamed } from './play.ts';

const hour_ms = 3_600_000;

function hashOf(options: { name: string; seed: number; rate?: number }): string {
  const hash = createHash('sha256');
  for (const { event, truth } of play(options)) hash.update(JSON.stringify([event, truth]));
  return hash.digest('hex');
}

test('one seed gives the same bytes each time, another seed gives others', () => {
  const once = hashOf({ name: 'password-spray', seed: 3 });
  assert.equal(hashOf({ name: 'password-spray', seed: 3 }), once);
  assert.notEqual(hashOf({ name: 'password-spray', seed: 4 }), once);
});

test('the bytes are those of every machine: whoever changes the simulator changes this', () => {
  assert.equal(
    hashOf({ name: 'contact-swap', seed: 4, rate: 600 }),
    'b1a55a21f36b6a08d63fa6edc4fa4fdd44a77bcc0a0b09f0c832300176b447af',
  );
});

test('what is read in part begins as what is read whole, and one reader does not move another', () => {
  const scenario = scenarioNamed('contact-swap');
  const simulation = new Simulation({ scenarios: [scenario], seed: 5, events_per_hour: 600 });
  const whole = [...simulation].map(({ event }) => JSON.stringify(event));
  const first = simulation[Symbol.iterator]();
  const second = simulation[Symbol.iterator]();
  for (let i = 0; i < 400; i++) {
    assert.equal(JSON.stringify(first.next().value?.event), whole[i]);
    if (i % 3 === 0) assert.equal(JSON.stringify(second.next().value?.event), whole[i / 3]);
  }
  assert.ok(whole.length > 800);
});

test('every scenario: in time order, inside its span, ids unique, every event with its truth and of the schema', () => {
  const members = new Set(eventSchemaV1.fields.map(({ path }) => path[0]));
  for (const own of ['event_id', 'tenant_id', 'timestamp', 'details']) members.add(own);
  for (const { name } of scenarios) {
    const simulation = play({ name, seed: 2, rate: 20, cut_ms: hour_ms / 6 });
    const ids = new Set<string>();
    let events = 0;
    let last_ms = simulation.start_ms;
    for (const { time_ms, event, truth } of simulation) {
      const fields = event as Record<string, unknown>;
      assert.ok(time_ms >= last_ms && time_ms < simulation.end_ms, name);
      assert.equal(Date.parse(String(fields.timestamp)), time_ms);
      assert.equal(truth.event_id, fields.event_id);
      assert.ok(truth.attack === null || truth.attack.startsWith(`${name}/`), name);
      assert.deepEqual(
        Object.keys(fields).filter((member) => !members.has(member)),
        [],
      );
      last_ms = time_ms;
      ids.add(truth.event_id);
      events++;
    }
    assert.ok(events > 0 && ids.size === events, name);
  }
});

test('all scenarios in one stream, each with its attack', () => {
  const some = scenarios.filter(({ name }) => name !== 'credential-stuffing');
  const simulation = new Simulation({ scenarios: some, seed: 1, events_per_hour: 60 });
  const attacked = new Set<string>();
  for (const { truth } of simulation) if (truth.attack !== null) attacked.add(truth.attack.split('/')[0]);
  assert.deepEqual(
    [...attacked].sort(),
    some
      .map(({ name }) => name)
      .filter((name) => name !== 'quiet-week')
      .sort(),
  );
});

test('the truth cannot be read off a field: attacks use the addresses, agents and ids that others use, too', () => {
  const networks = { attack: new Set<unknown>(), usual: new Set<unknown>() };
  const agents = { attack: new Set<unknown>(), usual: new Set<unknown>() };
  for (const { event, truth } of play({ name: 'password-spray', seed: 6, rate: 3000 })) {
    const { net, actor } = event as { net?: { asn: number }; actor?: { user_agent: string } };
    const who = truth.attack === null ? 'usual' : 'attack';
    networks[who].add(net?.asn);
    agents[who].add(actor?.user_agent);
  }
  assert.deepEqual(
    [...agents.attack].filter((agent) => !agents.usual.has(agent)),
    [],
  );
  const shared = [...networks.attack].filter((asn) => networks.usual.has(asn)).length;
  assert.ok(shared > networks.attack.size / 2, `${shared} of ${networks.attack.size} networks`);
});

test('the background of a week has all look-alikes, its season, a launch that triples logins, and the marketing team', () => {
  const kinds = new Map<string, number>();
  const logins = new Map<string, number>();
  const edits: number[] = [];
  for (const { event, truth, time_ms } of play({ name: 'quiet-week', seed: 1, rate: 600 })) {
    kinds.set(truth.kind, (kinds.get(truth.kind) ?? 0) + 1);
    const hour = new Date(time_ms).toISOString().slice(8, 13);
    if ((event as { event_type: string }).event_type === 'login') logins.set(hour, (logins.get(hour) ?? 0) + 1);
    if (truth.kind === 'marketing') edits.push(time_ms);
    assert.equal(truth.attack, null);
  }
  const looksLike = [
    'nat',
    'mobile',
    'vpn',
    'private_relay',
    'hop_40km',
    'same_address',
    'traveller',
    'in_flight_wifi',
  ];
  for (const kind of [...looksLike, 'typo', 'marketing', 'outage', 'launch'])
    assert.ok((kinds.get(kind) ?? 0) > 10, kind);
  const at = (hour: string) => logins.get(hour) ?? 0;
  const launched = at('04T17') + at('04T18');
  const usual = at('03T17') + at('03T18') + at('05T17') + at('05T18');
  assert.ok(launched > usual && launched < 2.2 * usual, `${launched} logins against ${usual} on two other days`);
  const first = edits.filter((time_ms) => time_ms < edits[0] + 10 * 60_000);
  assert.deepEqual([first.length, edits.length], [200, 400]);
  const day = (name: string) =>
    [...logins].reduce((sum, [hour, count]) => sum + (hour.startsWith(name) ? count : 0), 0);
  assert.ok(day('07') < 0.8 * day('06'), 'a Saturday is quieter than a Friday');
});

test('owners: accounts of one owner on several platforms, and the accounts are those of the events', () => {
  const simulation = play({ name: 'cross-platform-flags', seed: 9, rate: 300 });
  const rows = simulation.ownersCsv().trim().split('\n').slice(1);
  const owner = new Map(rows.map((row) => [row.split(',').slice(0, 2).join(' '), row.split(',')[2]]));
  assert.equal(owner.size, rows.length);
  const platforms = new Map<string, Set<unknown>>();
  for (const { event, truth } of simulation) {
    if (truth.attack === null) continue;
    const { platform, account_id } = event as { platform: string; account_id: string };
    const of = `${truth.attack} ${owner.get(`${platform} ${account_id}`)}`;
    platforms.set(of, (platforms.get(of) ?? new Set()).add(platform));
  }
  assert.equal(platforms.size, 4);
  for (const [of, used] of platforms) assert.ok(used.size >= 2 && !of.endsWith('undefined'), of);
});
