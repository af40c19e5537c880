import { severities } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { CaseNode, ExpressionNode, Word } from '../syntax/tree.ts';
import type { Checked } from './checked.ts';
import { type DetectionScope, textOver } from './detection-scope.ts';

export function oneOf<Allowed extends string>(word: Word, allowed: readonly Allowed[], what: string): Allowed {
  const written = word.text.toLowerCase();
  const found = allowed.find((one) => one === written);
  if (found !== undefined) return found;
  return refuseWord(word.text, word.span, allowed, what);
}

function refuseWord(text: string, span: Span, allowed: readonly string[], what: string): never {
  refuse({
    code: 'W0222',
    span,
    message: `there is no ${what} \`${text}\``,
    label: didYouMean(text.toLowerCase(), allowed),
    hints: [`${what}: ${allowed.join(', ')}`],
  });
}

/** SEVERITY CASE: its results are severities, written as words or as texts. */
export function severityCase(node: CaseNode, scope: DetectionScope): Checked {
  return textOver(withTexts(node), 'SEVERITY', scope);
}

function withTexts(node: CaseNode): CaseNode {
  return {
    ...node,
    branches: node.branches.map(({ when, result }) => ({ when, result: resultText(result) })),
    otherwise: node.otherwise === null ? null : resultText(node.otherwise),
  };
}

/** `high` is a word here and no column. */
function resultText(result: ExpressionNode): ExpressionNode {
  if (result.kind === 'case') return withTexts(result);
  const [part] = result.kind === 'name' ? result.parts : [];
  const written = result.kind === 'text' ? result.value : result.kind === 'name' ? part?.text : undefined;
  if (written === undefined || (result.kind === 'name' && result.parts.length > 1)) {
    refuse({
      code: 'W0222',
      span: result.span,
      message: 'SEVERITY CASE gives a severity in each branch',
      label: `one of ${severities.join(', ')}`,
    });
  }
  const value = oneOf({ text: written, span: result.span }, severities, 'severity');
  return { kind: 'text', value, span: result.span };
}
