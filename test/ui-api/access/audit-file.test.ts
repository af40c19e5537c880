import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AuditEntry, appendAudit } from '../../../ui-api/access/audit-file.ts';
import { atEnd } from '../../at-end.ts';

test('each entry is a line behind the others; one that a crash cut short spoils no other', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-audit-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'audit.ndjson');
  const entry = (target: string): AuditEntry => ({
    ...{ at: '2026-03-01T10:00:00.000Z', who: { id: 'x', name: 'anna' }, from: '127.0.0.1' },
    ...{ action: 'rule.deploy', target, outcome: 'done' },
  });
  appendAudit(path, entry('a\nb'));
  appendFileSync(path, '{"at":"2026-03');
  appendAudit(path, entry('c'));
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.deepEqual(
    [lines[0], lines[2]].map((line) => (JSON.parse(line) as AuditEntry).target),
    ['a\nb', 'c'],
  );
  assert.equal(lines.length, 4);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
