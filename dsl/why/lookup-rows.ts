import type { Value } from '../../engine/index.ts';
import type { Expression, LookupExpression, OperatorPlan } from '../plan/plan.ts';
import { type NoAnswer, valueText, type WhyQuestion } from './answer.ts';
import { leavesOf, nameOf, rowProbe } from './probe.ts';
import type { Start } from './starts.ts';
import { isAsked, isNamedBy, type Run } from './subject.ts';

/** A lookup that a part of GROUP BY comes from, and where its values stand among the outputs of the probe. */
interface Read {
  readonly lookup: LookupExpression;
  readonly names: readonly string[];
  readonly has_row: number;
  readonly keys: readonly number[];
}

const groups_shown = 8;

const missing_hint =
  "a row has to stand in the lookup's file, and where it has valid_from and valid_to, to hold at the time of the event";

/**
 * Why an event, or the value by which it looks up a part of GROUP BY, is in no group: the lookup has no row for it. Where
 * it has one, the group that is meant. null: the question is about neither.
 */
export async function whyNoLookupRow(
  question: WhyQuestion,
  rule: OperatorPlan,
  starts: readonly Start[],
  run: Run,
): Promise<NoAnswer | null> {
  const { subject } = question;
  if (subject === null) return null;
  const groups = new Set<string>();
  let missing: string | null = null;
  for (const [i, start] of starts.entries()) {
    const { reads, outputs } = readsOf(start.rule);
    if (reads.length === 0) continue;
    const probe = rowProbe(start.rule, `probe:lookups ${i}`, [], outputs);
    for await (const detections of run([probe], [rule.input])) {
      for (const detection of detections) {
        if (detection.rule !== probe.name || !isAsked(detection.tenant, question, rule)) continue;
        const { values } = detection;
        const isNamed = isNamedBy(detection, subject);
        const asked = reads.filter(({ keys }) => isNamed || keys.some((at) => valueText(values[at]) === subject));
        const lacking = asked.find(({ has_row }) => values[has_row] !== true);
        if (lacking !== undefined) {
          missing ??= missingText(lacking, values, isNamed ? `the event ${subject}` : 'an event with it');
        } else if (asked.length > 0) {
          const key = values.slice(0, start.rule.key?.length);
          if (!key.includes(null)) groups.add(key.map(valueText).join(' '));
        }
      }
    }
  }
  if (groups.size > 0) {
    const error = `${subject} is no key of ${rule.name}: a lookup says to which group its events belong`;
    const shown = [...groups].slice(0, groups_shown).map((group) => `--at ${quoted(group)}`);
    const which = groups.size === 1 ? 'the group' : `one of its ${groups.size} groups`;
    const more = groups.size > groups_shown ? ' | …' : '';
    return { error, keys: [], hint: `ask about ${which}: ${shown.join(' | ')}${more}` };
  }
  return missing === null ? null : { error: missing, keys: [], hint: missing_hint };
}

/** The parts of GROUP BY, and behind them what their lookups are asked. */
function readsOf(rule: OperatorPlan): { readonly reads: readonly Read[]; readonly outputs: readonly Expression[] } {
  const outputs: Expression[] = (rule.key ?? []).map(({ expression }) => expression);
  const place = (expression: Expression) => outputs.push(expression) - 1;
  const lookups = leavesOf([...outputs]).filter((leaf) => leaf.kind === 'lookup');
  const reads = lookups.map((lookup): Read => {
    const has_row = place({ ...lookup, output: null, type: 'bool' });
    return { lookup, names: lookup.keys.map((key) => nameOf(key, rule)), has_row, keys: lookup.keys.map(place) };
  });
  return { reads, outputs };
}

function missingText({ lookup, names, keys }: Read, values: readonly Value[], who: string): string {
  const wanted = names.map((name, i) => `${name} = ${valueText(values[keys[i]])}`).join(', ');
  return `the lookup ${lookup.lookup} has no row for ${wanted}: ${who} joins no group`;
}

function quoted(key: string): string {
  return key.includes(' ') ? `"${key}"` : key;
}
