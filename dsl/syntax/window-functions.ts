const partner = 'ON p.account_id = e.account_id';

/**
 * What can be written in place of the window functions of SQL, by name in small letters: OVER, with which they come, is
 * not here yet.
 */
export const windowFunctions: ReadonlyMap<string, { readonly label: string; readonly hint: string }> = new Map([
  [
    'lag',
    {
      label: 'an earlier value: last(x) over a window, or a JOIN or EXISTS WITHIN (BEFORE n)',
      hint: `beside each event the earlier ones: FROM events AS e JOIN events AS p WITHIN (BEFORE 1 HOUR) ${partner}; whether one was different: EXISTS (SELECT 1 FROM events AS p WHERE p.account_id = e.account_id AND p.geo.country <> e.geo.country WITHIN (BEFORE 1 HOUR))`,
    },
  ],
  [
    'lead',
    {
      label: 'a later value: a JOIN or EXISTS WITHIN (AFTER n)',
      hint: `beside each event the later ones: FROM events AS e JOIN events AS p WITHIN (AFTER 1 HOUR) ${partner}`,
    },
  ],
  [
    'row_number',
    {
      label: 'the first one of a key and no further: SUPPRESS BY key FOR 1 DAY',
      hint: 'the n-th one of a key: GROUP BY key WINDOW SLIDING 1 DAY HAVING count(*) >= n; that there was none before: NOT EXISTS (SELECT 1 FROM events AS p WHERE p.account_id = e.account_id AND … WITHIN (BEFORE 1 DAY))',
    },
  ],
]);
