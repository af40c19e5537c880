import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SyslogOptions, SyslogParser } from '../../../../connectors/codecs/sshd/syslog-line.ts';

function parse(line: string, options: SyslogOptions = { year: 2026 }) {
  const parsed = new SyslogParser(options).parse(line);
  if (typeof parsed === 'string') throw new Error(parsed);
  return { ...parsed, timestamp: new Date(parsed.timestamp).toISOString() };
}

function times(lines: string[], options: SyslogOptions): string[] {
  const parser = new SyslogParser(options);
  return lines.map((line) => {
    const parsed = parser.parse(`${line} host sshd[1]: x`);
    return typeof parsed === 'string' ? parsed : new Date(parsed.timestamp).toISOString().slice(0, 16);
  });
}

test('the three forms of syslog lines', () => {
  const expected = { host: 'web-1', program: 'sshd', pid: 1291, message: 'a: b [c]' };
  const cases: [string, string][] = [
    ['Mar  7 13:06:56 web-1 sshd[1291]: a: b [c]', '2026-03-07T13:06:56.000Z'],
    ['Mar 07 13:06:56 web-1 sshd[1291]: a: b [c]', '2026-03-07T13:06:56.000Z'],
    ['<38>Mar 27 13:06:56 web-1 sshd[1291]: a: b [c]', '2026-03-27T13:06:56.000Z'],
    ['2026-03-27T13:06:56.123456+00:00 web-1 sshd[1291]: a: b [c]', '2026-03-27T13:06:56.123Z'],
    ['2026-03-27T13:06:56.5-0330 web-1 sshd[1291]: a: b [c]', '2026-03-27T16:36:56.500Z'],
    ['2026-03-27T13:06:56Z web-1 sshd[1291]: a: b [c]', '2026-03-27T13:06:56.000Z'],
    ['<38>1 2026-03-27T13:06:56.123456Z web-1 sshd 1291 - - a: b [c]', '2026-03-27T13:06:56.123Z'],
    [
      '<38>1 2026-03-27T13:06:56Z web-1 sshd 1291 ID [x@1 a="]\\"" b="y"][z] \uFEFFa: b [c]',
      '2026-03-27T13:06:56.000Z',
    ],
  ];
  for (const [line, timestamp] of cases) assert.deepEqual(parse(line), { timestamp, ...expected }, line);
  assert.deepEqual(parse('Mar 27 13:06:56 h systemd: x'), {
    timestamp: '2026-03-27T13:06:56.000Z',
    host: 'h',
    program: 'systemd',
    pid: null,
    message: 'x',
  });
  assert.equal(parse('<38>1 2026-03-27T13:06:56Z h sshd - - -').message, '');
});

test('times without zone are read in the zone of --time-zone, others are not', () => {
  const options = { year: 2026, time_zone: 'America/New_York' };
  assert.equal(parse('Jan 10 12:00:00 h sshd[1]: x', options).timestamp, '2026-01-10T17:00:00.000Z');
  assert.equal(parse('Jul 10 12:00:00 h sshd[1]: x', options).timestamp, '2026-07-10T16:00:00.000Z');
  assert.equal(parse('2026-07-10 12:00:00 h sshd[1]: x', options).timestamp, '2026-07-10T16:00:00.000Z');
  assert.equal(parse('2026-07-10T12:00:00Z h sshd[1]: x', options).timestamp, '2026-07-10T12:00:00.000Z');
  assert.throws(() => new SyslogParser({ time_zone: 'Mars/Base' }), /'Mars\/Base' is no time zone/);
});

test('an hour that is shown twice is the first one; one that is not shown falls behind the change', () => {
  const options = { year: 2026, time_zone: 'Europe/Berlin' };
  const lines = ['Mar 29 01:59:59', 'Mar 29 02:00:00', 'Mar 29 02:30:00', 'Mar 29 03:00:00', 'Mar 29 03:30:00'];
  assert.deepEqual(times(lines, options), [
    '2026-03-29T00:59',
    '2026-03-29T01:00',
    '2026-03-29T01:30',
    '2026-03-29T01:00',
    '2026-03-29T01:30',
  ]);
  assert.deepEqual(times(['Oct 25 01:59:00', 'Oct 25 02:30:00', 'Oct 25 03:00:00'], options), [
    '2026-10-24T23:59',
    '2026-10-25T00:30',
    '2026-10-25T02:00',
  ]);
});

test('local times of four zones over a year lead back to the instants they were made from', () => {
  for (const time_zone of ['America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Europe/London']) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: time_zone,
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    const parser = new SyslogParser({ year: 2026, time_zone });
    let disagreements = 0;
    for (let at = Date.UTC(2026, 0, 2); at < Date.UTC(2026, 11, 30); at += 6.25 * 3_600_000) {
      const parts = format.format(at).replaceAll(',', '');
      const parsed = parser.parse(`${parts} h sshd[1]: x`);
      if (typeof parsed === 'string' || parsed.timestamp !== at) disagreements++;
    }
    // Only an hour that is shown twice can differ, and these steps meet it at most once.
    assert.ok(disagreements <= 1, `${time_zone}: ${disagreements}`);
  }
});

test('with --year the years follow in the order of the lines', () => {
  const lines = [
    'Dec 31 23:59:59',
    'Jan  1 00:00:00',
    'Dec 31 23:59:58',
    'Jan  2 00:00:00',
    'Aug  1 00:00:00',
    'Jul 20 00:00:00',
    'Mar  1 00:00:00',
  ];
  assert.deepEqual(times(lines, { year: 2025 }), [
    '2025-12-31T23:59',
    '2026-01-01T00:00',
    '2025-12-31T23:59',
    '2026-01-02T00:00',
    '2026-08-01T00:00',
    '2026-07-20T00:00',
    '2027-03-01T00:00',
  ]);
  assert.deepEqual(times(['Feb 28 00:00:00', 'Feb 29 00:00:00'], { year: 2024 }), [
    '2024-02-28T00:00',
    '2024-02-29T00:00',
  ]);
  // The first of January in Berlin is still the old year in UTC.
  assert.deepEqual(times(['Jan  1 00:30:00', 'Jan  1 00:40:00'], { year: 2026, time_zone: 'Europe/Berlin' }), [
    '2025-12-31T23:30',
    '2025-12-31T23:40',
  ]);
});

test("without --year a line takes the latest year that is not after the file's last change", () => {
  const options = { reference_ms: Date.UTC(2026, 0, 3, 12) };
  const lines = ['Dec 30 00:00:00', 'Jan  1 00:00:00', 'Jan  3 13:00:00', 'Jan  5 00:00:00', 'Feb 29 00:00:00'];
  assert.deepEqual(times(lines, options), [
    '2025-12-30T00:00',
    '2026-01-01T00:00',
    // Up to a day ahead is a zone that we were not told, not a year ago.
    '2026-01-03T13:00',
    '2025-01-05T00:00',
    '2024-02-29T00:00',
  ]);
});
