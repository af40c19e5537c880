import assert from 'node:assert/strict';
import { compile, renderDiagnostics } from '../../dsl/index.ts';
import { runGoldens } from '../golden/run-golden.ts';

/** Wrong rules as people write them, with the whole text they get back. */
runGoldens('errors', (name, text) => {
  const file = { path: `rules/${name}`, text };
  const { plan, diagnostics } = compile([file], { as_of_ms: Date.UTC(2027, 0, 1) });
  const rendered = renderDiagnostics(diagnostics, [file], { color: false });
  assert.notEqual(rendered, '', `${name} is right: it does not belong here`);
  assert.equal(
    plan === null,
    diagnostics.some((diagnostic) => diagnostic.severity === 'error'),
  );
  return rendered;
});
