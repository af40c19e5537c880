/** What every figure rests on beside the machine, in the report's own words. */
export const method = [
  'seeds: events 42 (the comparison with other engines 99, simulate 1), rules that are drawn 11;',
  'contestants in turns in processes of their own, the first round warms up, medians of rounds;',
  'times are those of the measured thread unless it says "by the clock"',
].join(' ');
