import { programOf } from './program.ts';
import type { Report } from './report.ts';
import { generatedRules } from './workload.ts';

/** Text to program for 1,000 rules, once, as a first start does it: no warm parser. */
export function benchCompile(report: Report): void {
  const rules = generatedRules(1000);
  const started = performance.now();
  const program = programOf(rules);
  const took_s = (performance.now() - started) / 1000;
  report.line(`compile ${program.operators.length} rules`);
  report.figure({ group: 'compile', name: '1,000 rules', value: took_s, unit: 's' });
  report.goal('1,000 rules compile in under 3 s', took_s < 3, `${took_s.toFixed(2)} s`);
}
