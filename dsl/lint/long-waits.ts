import { durationLiteral, durationText } from '../build/duration-text.ts';
import type { CheckedJoin, CheckedOperator } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';

/**
 * From here on a wait is said, in milliseconds: clocks of two sources differ by minutes, so that a shorter WITHIN in both
 * directions may be meant so; a detection that is an hour late is late for whoever wants to act on it.
 */
const long_wait_ms = 3_600_000;

/**
 * NOT EXISTS and LEFT JOIN with one length for both directions: that a row has no partner is known only when the time
 * after it is over, and who asks whether something is new means the time before it. One that names AFTER means it.
 */
export function longWaits({ kind, name, select }: CheckedOperator): Finding[] {
  return joinsOf(select.join).flatMap((join): Finding[] => {
    const { both_ways, after_ms, right } = join;
    if (both_ways === undefined || after_ms < long_wait_ms || (join.kind !== 'anti' && join.kind !== 'left')) return [];
    const length = durationLiteral(after_ms);
    const isAnti = join.kind === 'anti';
    const who = kind === 'rule' ? `${name} fires` : `${name} has its row`;
    return [
      {
        code: 'W0334',
        span: both_ways,
        message: `${who} ${durationText(after_ms)} late${isAnti ? '' : ` where no row of ${right.alias} is found`}`,
        label: `it looks both ways: ${isAnti ? 'NOT EXISTS' : 'the LEFT JOIN'} waits ${durationText(after_ms)} for a later row of ${right.alias}`,
        hints: [
          `to ask about earlier rows only, write WITHIN (BEFORE ${length}): it is decided at once`,
          `if later rows are meant, write WITHIN (AFTER ${length}), or (BEFORE ${length}, AFTER ${length}) for both`,
        ],
      },
    ];
  });
}

function joinsOf(join: CheckedJoin | null): readonly CheckedJoin[] {
  return join === null ? [] : [...joinsOf(join.left.join), join];
}
