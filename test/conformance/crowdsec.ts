import { existsSync, readFileSync } from 'node:fs';
import { buildProgram, compile, renderDiagnostics } from '../../dsl/index.ts';
import { type Program, SortedRun } from '../../engine/index.ts';
import { newScore, type Score } from './score.ts';

interface CrowdsecRule {
  name: string;
  group_by: 'ip';
  count: string;
  window_seconds: number;
  suppress_seconds: number | null;
  reset_after_alert: boolean;
}

interface CrowdsecCase {
  id: string;
  sliding_window_equivalent: boolean;
  rules_plain: CrowdsecRule[];
  scenarios: { capacity: number; leakspeed: string }[];
  events: { line: number; t: number; ip: string | null; user: string | null }[];
  expected_alerts: { scenario: string; sources: string[] }[];
}

const file = new URL('../../../shared/cases/crowdsec/cases.json', import.meta.url);
const stream = 'CREATE STREAM events (ip string, "user" string) LATENESS 5 SECONDS MAX AHEAD 7 DAYS DEDUP 1 HOUR;';

function ruleText(rule: CrowdsecRule, number: number): string {
  const [, distinct, operator, least] = /^COUNT\((\*|DISTINCT user)\) (>=?) (\d+)$/.exec(rule.count) as RegExpExecArray;
  const count = distinct === '*' ? 'count(*)' : 'count(DISTINCT "user")';
  const suppress = `SUPPRESS BY ip FOR ${Math.round((rule.suppress_seconds ?? 0) * 1000)} MILLISECONDS`;
  const policy = rule.suppress_seconds ? `${suppress}${rule.reset_after_alert ? ' RESET' : ''}` : '';
  return [
    `CREATE RULE r${number} AS SELECT ip, ${count} AS n FROM events GROUP BY ip`,
    `WINDOW SLIDING ${Math.round(rule.window_seconds * 1000)} MILLISECONDS HAVING n ${operator} ${least} ${policy};`,
  ].join('\n');
}

function programOf(published: CrowdsecCase): Program {
  const source = { path: published.id, text: [stream, ...published.rules_plain.map(ruleText)].join('\n') };
  const compilation = compile([source]);
  if (compilation.plan === null)
    throw new Error(renderDiagnostics(compilation.diagnostics, [source], { color: false }));
  return buildProgram(compilation.plan);
}

/** Whether every scenario of the case, written with the window that it was published with, is a compile error. */
function refusesLeakyBucket(published: CrowdsecCase): boolean {
  return published.scenarios.every(({ capacity, leakspeed }) => {
    const rule = [
      'CREATE RULE r AS SELECT ip, count(*) AS n FROM events GROUP BY ip',
      `WINDOW LEAKY ${capacity} PER '${leakspeed}' HAVING n > ${capacity};`,
    ].join('\n');
    const { plan, diagnostics } = compile([{ path: published.id, text: `${stream}\n${rule}` }]);
    return plan === null && diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  });
}

/** The same events, each at the greatest time that has come so far: as who goes by the order of arrival sees them. */
function asArrived(events: CrowdsecCase['events']): CrowdsecCase['events'] {
  let reached = Number.NEGATIVE_INFINITY;
  return events.map((event) => {
    reached = Math.max(reached, event.t);
    return { ...event, t: reached };
  });
}

/** The multiset of (scenario, source address) that the case's rules give for these events, as sorted text. */
function alertsOf(published: CrowdsecCase, events: CrowdsecCase['events']): string[] {
  const run = new SortedRun(programOf(published), {});
  events.forEach(({ t, ip, user }, i) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ timestamp: Math.round(t * 1000), ip, user }));
    run.add({ partition: published.id, position: i + 1, received_at: Math.round(t * 1000), bytes });
  });
  const detections = [...run.finish()].flat().filter((detection) => detection.suppressed_by === null);
  const name = (rule: string) => published.rules_plain[Number(rule.slice(1))]?.name;
  return detections.map((detection) => `${name(detection.rule)} ${detection.key[0]}`).sort();
}

/** Runs the 75 cases whose sliding form is published as equivalent; null where the shared material is not here. */
export function crowdsec(): Score | null {
  if (!existsSync(file)) return null;
  const cases = (JSON.parse(readFileSync(file, 'utf8')) as { cases: CrowdsecCase[] }).cases;
  const score = newScore('crowdsec', 'case, sliding form');
  for (const published of cases) {
    if (!published.sliding_window_equivalent) {
      // Equal only in the published form, a leaky bucket. Whether Weir can say that is its compiler's word, not ours.
      if (refusesLeakyBucket(published)) score.inexpressible++;
      else score.notes.push(`${published.id}: leaky buckets compile now, and are not run here`);
      continue;
    }
    const expected = published.expected_alerts.flatMap(({ scenario, sources }) =>
      sources.map((ip) => `${scenario} ${ip}`),
    );
    const isExpected = (got: string[]) => JSON.stringify(got) === JSON.stringify(expected.sort());
    const got = alertsOf(published, published.events);
    if (isExpected(got)) score.agree++;
    else {
      score.differ++;
      const why = isExpected(alertsOf(published, asArrived(published.events)))
        ? 'named, its answer is that of the order of arrival: with each time lifted to the greatest so far Weir agrees'
        : 'unnamed';
      const both = `expected ${expected.join(', ') || 'nothing'}; got ${got.join(', ') || 'nothing'}`;
      score.notes.push(`${published.id}: ${why}; ${both}`);
    }
  }
  return score;
}
