import { compile, printChecked, printPlan, renderDiagnostics } from '../../dsl/index.ts';
import { runGoldens } from '../golden/run-golden.ts';

/** Right rules: what the checker understood, and the plan. Places where the grammar could misread have one each. */
runGoldens('language', (name, text) => {
  const file = { path: `rules/${name}`, text };
  const { plan, diagnostics, checked } = compile([file]);
  const warnings = renderDiagnostics(diagnostics, [file], { color: false });
  if (plan === null) return warnings;
  return [warnings, printChecked(checked), printPlan(plan)].filter((part) => part !== '').join('\n');
});
