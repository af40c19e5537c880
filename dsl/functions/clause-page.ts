import { type ClauseHelp, clauseHelp } from './clause-help.ts';

const head = `# Clauses of the rule language

Printed from the code by \`npm run reference\`; a test says when this page is not current, and another compiles every
example. \`weir functions WINDOW\` shows those of a word. Words in capitals are the language's, in any case of letters; a
UNIT is MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS or WEEKS, and \`INTERVAL '15' MINUTE\` stands for \`15 MINUTES\`. They stand
in the order of this page. What can be computed in them is in [reference.md](reference.md), how they go together in
[README.md](README.md).
`;

/** The page of clauses as Markdown. */
export function clausePage(): string {
  const parts = [...Map.groupBy(clauseHelp, ({ group }) => group)].map(([group, members]) => {
    const rows = members.map(({ syntax, meaning, example }) => {
      return `| ${code(syntax)} | ${cell(meaning)} | ${code(example)} |`;
    });
    return [`## ${group}`, '', '| clause | meaning | example |', '| --- | --- | --- |', ...rows, ''].join('\n');
  });
  return [head, ...parts].join('\n');
}

/** The clauses that a word of their syntax in capitals names: WITHIN, SLIDING, EMPTY. */
export function clausesOf(word: string): readonly ClauseHelp[] {
  const asked = word.trim().toUpperCase().split(/\s+/).join(' ');
  if (asked === '') return [];
  return clauseHelp.filter(({ syntax }) => ` ${wordsOf(syntax).join(' ')} `.includes(` ${asked} `));
}

/** Every word that names a clause, each once. */
export function clauseWords(): readonly string[] {
  return [...new Set(clauseHelp.flatMap(({ syntax }) => wordsOf(syntax)))].filter((word) => word !== '');
}

function wordsOf(syntax: string): string[] {
  return syntax.replaceAll(/'[^']*'/g, ' ').split(/[^A-Z]+/);
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell, also in code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
