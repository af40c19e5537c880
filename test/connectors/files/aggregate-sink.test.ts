import assert from 'node:assert/strict';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AggregateFile } from '../../../connectors/files/aggregate-sink.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from './faulty-files.ts';

const row = (number: number) => ({ id: `r${number}`, table: 't', values: { n: number } });

test('rows behind the known offset are passed over by id, and a file that lost some says so', async (t) => {
  const path = join(
    temporaryDirectory((cleanUp) => atEnd(t, cleanUp)),
    'aggregates.ndjson',
  );
  const first = await AggregateFile.open({ path });
  await first.write([row(1)]);
  const known_offset = first.offset;
  await first.write([row(2)]);
  await first.close();

  const second = await AggregateFile.open({ path, known_offset });
  await second.write([row(2), row(3)]);
  second.forgetWritten();
  await second.close();
  const written = readFileSync(path, 'utf8');
  assert.equal(written, `${[row(1), row(2), row(3)].map((one) => JSON.stringify(one)).join('\n')}\n`);

  truncateSync(path, 0);
  const said: string[] = [];
  const third = await AggregateFile.open({ path, known_offset, report: (message) => said.push(message) });
  await third.close();
  assert.match(said.join(), /rows of tables were removed from it/);
});
