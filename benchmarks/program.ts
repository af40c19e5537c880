import { hash } from 'node:crypto';
import { buildProgram, compile, renderDiagnostics } from '../dsl/index.ts';
import type { Program } from '../engine/index.ts';

export function programOf(rules: readonly string[]): Program {
  const file = { path: 'benchmark.rule.sql', text: rules.join('\n') };
  const compilation = compile([file]);
  if (compilation.plan === null) throw new Error(renderDiagnostics(compilation.diagnostics, [file], { color: false }));
  return buildProgram(compilation.plan, (text) => hash('sha256', text, 'hex'));
}
