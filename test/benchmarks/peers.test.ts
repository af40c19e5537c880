import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { peerLines, writePeerEvents } from '../../benchmarks/peer-events.ts';
import { rulesOfTable } from '../../benchmarks/peer-rules.ts';
import { programOf } from '../../benchmarks/program.ts';
import { runTiny } from './tiny.ts';

test('the first events are those of the comparison, byte for byte', () => {
  const hash = createHash('sha256');
  let left = 1000;
  for (const line of peerLines({ accounts: 1_000_000, events: 1000, seed: 99 })) {
    hash.update(`${line}\n`);
    left--;
  }
  assert.equal(left, 0);
  assert.equal(hash.digest('hex'), 'e5452d4125c125690c9ad05449d95c1a123c68d078e76ff1c40ef42f07314ab3');
});

test('the ten rules find what Esper, Flink SQL and Siddhi found in the same events', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-peers-'));
  try {
    const file = join(folder, 'events.ndjson');
    writePeerEvents(file, { accounts: 20_000, events: 60_000, seed: 99 });
    const program = fileURLToPath(new URL('../../benchmarks/peer-weir.ts', import.meta.url));
    const said = execFileSync(process.execPath, [program, file, '20000', '600'], { encoding: 'utf8' });
    const { n, cut, alerts } = JSON.parse(said) as { n: number; cut: boolean; alerts: number[] };
    assert.deepEqual({ n, cut }, { n: 60_000, cut: false });
    assert.deepEqual(alerts, [30, 3, 13, 110, 14, 177, 1610, 65, 0, 12]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a table of generated rules becomes rules that compile', () => {
  const rules = rulesOfTable('login\tfail\tweb,ios\tDE\t1200\nsignup\t-\tapi\t-\t-\n');
  assert.equal(rules.length, 2);
  assert.match(
    rules[0] as string,
    /WHERE event_type = 'login' AND result = 'fail' AND platform IN \('web', 'ios'\) AND country <> 'DE' AND ip_asn > 1200 GROUP/,
  );
  const stream =
    'CREATE STREAM events (platform string, event_type string, account_id string, result string, country string, ip_asn int);';
  assert.equal(programOf([stream, ...rules]).operators.length, 2);
});

test('without the harness of the other engines it is said what is missing', () => {
  assert.match(runTiny('peers').said, /peers: not run: --shared was not given\n.*say --shared FOLDER/);
  assert.match(runTiny('peers', '--shared', '/no/such').said, /not run: \/no\/such has no peers\/esper\/build\.sh/);
});
