/** Every code and what it stands for. Codes are never given a second meaning; W03 are the warnings. */
export const catalogue = {
  W0001: 'a file too large to be a rule file',
  W0002: 'a character that belongs to no word of the language',
  W0003: 'a quote or comment that is never closed',
  W0004: 'a statement that does not follow the grammar',
  W0005: 'an expression nested too deeply',
  W0006: 'a clause that is written twice or in the wrong place',
  W0010: 'a construct of the language that this version does not have yet',
  W0011: 'SQL that a rule over a stream cannot have',

  W0101: 'two statements of one name',
  W0102: 'an unknown stream or view',
  W0103: 'views that read each other in a circle',
  W0104: 'an unknown function',
  W0105: 'an unknown type',
  W0106: 'an unknown parameter',
  W0107: 'an unknown field',
  W0108: 'an alias that hides a field',
  W0109: 'two columns of one name',
  W0110: 'an expression without a name',
  W0111: 'a field that rules cannot read',
  W0112: 'a column that a detection does not have',
  W0113: 'an unknown lookup',

  W0201: 'types that cannot be compared or combined',
  W0202: 'wrong arguments of a function',
  W0203: 'a details path whose type is not fixed',
  W0204: 'a literal that is no value of its type',
  W0205: 'integers that overflow',
  W0206: 'a condition that is not true or false',

  W0210: 'an aggregate where none can stand',
  W0211: 'an aggregate, GROUP BY or HAVING without a WINDOW',
  W0212: 'a column that is neither grouped nor aggregated',
  W0213: 'a window of impossible length',
  W0214: 'a clause that does not fit the window',

  W0220: 'an impossible declaration of a stream',
  W0221: 'a value outside the range of its parameter',
  W0222: 'an impossible value in a header or footer',
  W0223: 'an impossible declaration of a lookup',
  W0224: 'an impossible exception',

  W0301: 'a HAVING that is true at the first event of a key',
  W0302: 'a rule that can never fire',
  W0303: 'a comparison that is always NULL',
  W0304: 'a parameter that nothing uses',
  W0310: 'an exception for a rule that is not there',
  W0311: 'an exception that is over',

  W0401: 'a path without rules',
  W0402: 'a file that is not valid YAML',
  W0403: 'a rule test or pack description that says what it cannot',
  W0404: 'a file of a lookup that cannot be read',
  W0405: 'a row of a lookup that is left out',
} as const;

export type Code = keyof typeof catalogue;
