import { limits } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { zoneOf } from '../functions/zone.ts';
import type { DurationNode, WindowClause, WindowNode } from '../syntax/tree.ts';
import type { CheckedWindow } from './checked.ts';
import { durationMs } from './literals.ts';

/** Windows longer than this are typing errors, and state that nobody wants to hold. */
const longest_window_ms = 366 * 86_400_000;

/** What WINDOW means; refuses what no window can be. */
export function checkWindow(node: WindowNode): CheckedWindow {
  const { kind } = node;
  const size_ms = length(node.size, kind === 'session' ? 'gap' : 'window');
  if (kind === 'sliding') {
    refuseClauses(node, 'a SLIDING window ends at every event');
    return { kind, size_ms };
  }
  if (kind === 'session') {
    refuseClauses(node, 'a SESSION begins with an event');
    return { kind, gap_ms: size_ms, max_ms: node.max === null ? null : checkMax(node.max, size_ms) };
  }
  if (kind === 'tumbling') return { kind, size_ms, ...checkClauses(node, size_ms, size_ms) };
  const advance_ms = checkAdvance(node.advance as DurationNode, size_ms);
  return { kind, size_ms, advance_ms, ...checkClauses(node, size_ms, advance_ms) };
}

function length(duration: DurationNode, what: string): number {
  const length_ms = durationMs(duration);
  if (length_ms > 0 && length_ms <= longest_window_ms) return length_ms;
  wrong(
    duration.span,
    length_ms > 0 ? `a ${what} of more than 366 days` : `a ${what} of no length`,
    length_ms > 0 ? `the longest ${what} is 366 DAYS` : 'write at least 1 MILLISECOND',
  );
}

function wrong(span: Span, message: string, label: string, hints: readonly string[] = []): never {
  refuse({ code: 'W0213', span, message, label, hints });
}

function checkMax(max: DurationNode, gap_ms: number): number {
  const max_ms = length(max, 'session');
  if (max_ms >= gap_ms) return max_ms;
  wrong(max.span, 'MAX is shorter than GAP', 'the gap would never end a session: write TUMBLING, or a longer MAX');
}

function checkAdvance(advance: DurationNode, size_ms: number): number {
  const advance_ms = length(advance, 'advance');
  if (advance_ms > size_ms) {
    wrong(advance.span, 'the advance is longer than the window', 'events between the windows would be in none');
  }
  if (size_ms / advance_ms <= limits.windows_per_event) return advance_ms;
  const count = Math.ceil(size_ms / advance_ms).toLocaleString('en-US');
  const most = limits.windows_per_event.toLocaleString('en-US');
  wrong(advance.span, `each event would stand in ${count} windows`, `at most ${most}: write a longer advance`, [
    'WINDOW SLIDING looks at every span that ends at an event, and needs no advance',
  ]);
}

const named = { offset: 'OFFSET', zone: 'IN TIME ZONE', empty: 'WITH EMPTY', emptyKeys: 'WITH EMPTY' } as const;

function refuseClauses({ clauses, kind }: WindowNode, why: string): void {
  const [clause] = clauses;
  if (clause === undefined) return;
  refuse({
    code: 'W0214',
    span: clause.span,
    message: `${named[clause.kind]} is for TUMBLING and HOPPING`,
    label: isEmpty(clause) ? `${why}: one without events is none` : `${why}: there is nothing to shift`,
    hints: kind === 'sliding' && isEmpty(clause) ? ['silence is found by WINDOW TUMBLING … WITH EMPTY FOR …'] : [],
  });
}

const isEmpty = ({ kind }: WindowClause) => kind === 'empty' || kind === 'emptyKeys';

type Alignment = Pick<Extract<CheckedWindow, { kind: 'tumbling' }>, 'offset_ms' | 'zone' | 'empty_ms' | 'empty_keys'>;

function checkClauses({ clauses }: WindowNode, size_ms: number, advance_ms: number): Alignment {
  const alignment: { -readonly [part in keyof Alignment]: Alignment[part] } = {};
  const seen = new Set<string>();
  for (const clause of clauses) {
    if (seen.has(named[clause.kind])) {
      refuse({ code: 'W0006', span: clause.span, message: `a second ${named[clause.kind]}`, label: 'remove one' });
    }
    seen.add(named[clause.kind]);
    Object.assign(alignment, checkClause(clause, size_ms, advance_ms));
  }
  return alignment;
}

function checkClause(clause: WindowClause, size_ms: number, advance_ms: number): Alignment {
  if (clause.kind === 'zone') return checkZone(clause.zone.value, clause.zone.span, size_ms, advance_ms);
  if (clause.kind === 'emptyKeys') return { empty_keys: clause.lookup.text };
  const duration_ms = durationMs(clause.duration);
  const { span } = clause.duration;
  if (clause.kind === 'offset') {
    if (duration_ms > 0 && duration_ms < advance_ms) return { offset_ms: duration_ms };
    const label = 'write more than nothing and less than the distance of two starts';
    wrong(
      span,
      duration_ms > 0 ? 'this OFFSET shifts windows by more than their distance' : 'this OFFSET shifts nothing',
      label,
    );
  }
  const empty_ms = length(clause.duration, 'WITH EMPTY');
  if (empty_ms >= size_ms) return { empty_ms };
  wrong(
    span,
    'WITH EMPTY for less than a window gives no window',
    'a key without events in a window was seen before it',
    ['write how long a silent key is still waited for, for example WITH EMPTY FOR 7 DAYS'],
  );
}

function checkZone(zone: string, span: Span, size_ms: number, advance_ms: number): Alignment {
  if (zoneOf(zone) === null) {
    const label = "write an IANA name such as 'Europe/Berlin', or 'UTC'";
    wrong(span, `there is no time zone '${zone}'`, label);
  }
  if (/^(utc|gmt|z)$/i.test(zone)) return {};
  if (size_ms % advance_ms !== 0) {
    wrong(
      span,
      'IN TIME ZONE needs a window that is a whole number of advances',
      'where the clock is changed, a window ends where another one starts',
    );
  }
  return { zone };
}
