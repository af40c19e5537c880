import type { CheckedOperator } from './checked.ts';
import { form, windowForm } from './form.ts';
import { joinLines } from './print-join.ts';
import type { CheckedProgram } from './program.ts';

/** Checked rules as text: clauses as written, every name resolved, every column with its type. */
export function printChecked(program: CheckedProgram): string {
  return program.operators.map((operator) => `${printCheckedOperator(operator)}\n`).join('\n');
}

/** One checked rule or view. */
export function printCheckedOperator(operator: CheckedOperator): string {
  const { kind, name, select, exceptions, emit_at_end, emit_early } = operator;
  const lines = [`${operator.table ? 'table' : kind} ${name}`];
  for (const output of select.outputs) {
    lines.push(`  select ${form(output.expression)} as ${output.name}:${output.expression.type}`);
  }
  lines.push(`  from ${select.input}`, ...joinLines(select.join));
  for (const { array, column } of select.unnests) lines.push(`  unnest ${form(array)} as ${column}`);
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
  lines.push(...lifeLines(operator));
  return lines.join('\n');
}

/** Clauses over the detection's columns. */
function lifeLines({ severity, risk, life, state_keys, retention_ms }: CheckedOperator): string[] {
  const lines: string[] = [];
  if (severity !== null) lines.push(`  severity ${form(severity)}`);
  for (const { when, severity: to } of life?.escalations ?? []) lines.push(`  escalate when ${form(when)} to ${to}`);
  if (life?.update_at_end) lines.push('  update at end');
  if (life != null && life.close_after_ms !== null) lines.push(`  close after ${life.close_after_ms} ms quiet`);
  if (risk !== null) lines.push(`  risk ${form(risk.score)} on ${risk.type}, half life ${risk.half_life_ms} ms`);
  if (retention_ms !== null) lines.push(`  retention ${retention_ms} ms`);
  if (state_keys !== null) lines.push(`  state max ${state_keys} keys`);
  return lines;
}
