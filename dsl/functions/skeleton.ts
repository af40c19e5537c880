/**
 * Confusable folding, for names made to look like another. This is a small hand-made set and not the table of
 * UTS 39: digits and letters that look alike in common fonts, and the Cyrillic, Greek and Armenian letters whose
 * glyphs are Latin ones. `l` and `i` stay apart (upper case I folds to i), so that a skeleton can still be read.
 */
const lookalikes: Readonly<Record<string, string>> = {
  a: 'аαɑ',
  b: 'ьвβ',
  c: 'сϲⅽ',
  d: 'ԁⅾ',
  e: 'еєε℮',
  f: 'ғϝ',
  g: 'ɡց',
  h: 'һн',
  i: 'іıιӏⅰ',
  j: 'јϳ',
  k: 'кκ',
  l: '1|ⅼǀ',
  m: 'мⅿ',
  n: 'пηո',
  o: '0оοօσ',
  p: 'рρ',
  q: 'ԛզ',
  r: 'гᴦ',
  s: 'ѕꜱ',
  t: 'тτ',
  u: 'υսᴜ',
  v: 'νѵⅴ',
  w: 'ԝωѡ',
  x: 'хχⅹ',
  y: 'уγү',
  z: 'ᴢ',
};

const folded = new Map(
  Object.entries(lookalikes).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);

/** The skeleton of a text: NFKD, no combining marks, no invisible characters, lower case, look-alikes folded. */
export function skeletonOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  let skeleton = '';
  for (const character of plain) skeleton += folded.get(character) ?? character;
  // Two letters that run together are read as one.
  return skeleton.replaceAll('rn', 'm').replaceAll('vv', 'w');
}
