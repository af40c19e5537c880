import type { CheckedOperator } from './checked.ts';
import { form, windowForm } from './form.ts';
import type { CheckedProgram } from './program.ts';

/** Checked rules as text: clauses as written, every name resolved, every column with its type. */
export function printChecked(program: CheckedProgram): string {
  return program.operators.map((operator) => `${printCheckedOperator(operator)}\n`).join('\n');
}

/** One checked rule or view. */
export function printCheckedOperator({
  kind,
  name,
  select,
  exceptions,
  emit_at_end,
  emit_early,
}: CheckedOperator): string {
  const lines = [`${kind} ${name}`];
  for (const output of select.outputs) {
    lines.push(`  select ${form(output.expression)} as ${output.name}:${output.expression.type}`);
  }
  lines.push(`  from ${select.input}`);
  if (select.where !== null) lines.push(`  where ${form(select.where)}`);
  select.key?.forEach((key, i) => {
    lines.push(`  group by key ${i} = ${form(key.expression)}`);
  });
  if (select.window !== null) lines.push(`  window ${windowForm(select.window)}`);
  if (select.having !== null) lines.push(`  having ${form(select.having)}`);
  for (const { action, name: exception, condition } of exceptions) {
    lines.push(`  ${action} ${exception}: ${form(condition)}`);
  }
  if (emit_at_end) lines.push('  emit at end');
  if (emit_early !== null) lines.push('  emit early');
  return lines.join('\n');
}
