import {
  buildProgram,
  type Compilation,
  printChecked,
  printCheckedOperator,
  printOperatorPlan,
  printPlan,
  printProgram,
  printTokens,
  printTree,
  type SourceFile,
} from '../../dsl/index.ts';
import { usageError } from './exit.ts';

export const stages = ['tokens', 'tree', 'checked', 'plan', 'program'] as const;
export type Stage = (typeof stages)[number];

/**
 * One stage of the compiler as text, for one rule or view or (null) for everything. The first two stages are also there
 * for files that do not compile. @throws CliError (usage) when there is no rule of that name.
 */
export function stageText(
  stage: Stage,
  name: string | null,
  sources: readonly SourceFile[],
  compilation: Compilation,
): string {
  if (stage === 'tokens') return tokensText(name, sources, compilation);
  const { parsed, checked, plan } = compilation;
  if (stage === 'tree') {
    const statements = parsed.flatMap((file) => file.statements);
    return printTree(name === null ? statements : statements.filter((statement) => nameOf(statement) === name));
  }
  if (stage === 'checked') {
    if (name === null) return printChecked(checked);
    return one(checked.operators, name, (operator) => `${printCheckedOperator(operator)}\n`);
  }
  if (plan === null) return '';
  if (stage === 'program') return printProgram(buildProgram(plan), name);
  return name === null ? printPlan(plan) : one(plan.operators, name, (operator) => `${printOperatorPlan(operator)}\n`);
}

/** Tokens belong to a file: those of the whole file that a rule stands in. */
function tokensText(name: string | null, sources: readonly SourceFile[], { parsed }: Compilation): string {
  const files = parsed.filter(
    ({ statements }) => name === null || statements.some((statement) => nameOf(statement) === name),
  );
  return files
    .map((file) => {
      const source = sources.find(({ path }) => path === file.path);
      return source === undefined ? '' : `${file.path}\n${printTokens(file, source)}`;
    })
    .join('\n');
}

function one<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  print: (part: T) => string,
): string {
  const found = list.find((part) => part.name === name);
  if (found === undefined)
    throw usageError(`there is no rule or view ${name}`, 'weir explain --stage plan shows all of them');
  return print(found);
}

/** What a statement is asked for by; a TUNE belongs to its rule. */
function nameOf(statement: Compilation['parsed'][number]['statements'][number]): string {
  return statement.kind === 'tune' ? statement.rule.text : statement.name.text;
}
