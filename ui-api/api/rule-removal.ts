import type { FastifyInstance } from 'fastify';
import type { RuleDesk } from '../deploy/rule-desk.ts';
import type { AlertHistory } from '../records/alert-history.ts';
import type { Audit } from './audit.ts';
import { identityOf, type RouteDoc, route } from './route.ts';
import { asConflict, asRefusal, deskOf, nameParameter, noSuchRule } from './rule-answers.ts';

const string = { type: 'string' };
const most_open = 1000;
/** Of each 32 MB of records, the newest first: an answer does not wait for years of them. */
const most_pages = 4;

const openText =
  'its alerts whose last record is `open` or `updated`, as far as the newest 128 MB of records and 1,000 of them: they stay as they are, in the records and ' +
  'the store, and nothing raises, updates or closes them any more; what left early and is not decided is withdrawn';

const removed = {
  type: 'object',
  required: ['rule', 'plan_hash', 'path', 'file', 'text', 'tests', 'warnings', 'open_alerts', 'live'],
  properties: {
    ...{ rule: string, plan_hash: string, path: string, live: { type: 'boolean' } },
    file: { enum: ['removed', 'rewritten'], description: 'rewritten: it holds other statements too, which stay' },
    text: { type: 'string', description: 'the text of the file as it was: PUT with it brings the rule back' },
    tests: { type: ['object', 'null'], description: 'path and text of the test file that went with it' },
    open_alerts: { type: 'integer', description: openText },
    warnings: { type: 'array', items: { type: 'object' }, description: 'what `weir check` says of what is left' },
    live_from: { type: ['string', 'null'], description: 'stream time from which on the rule decides nothing' },
    needs: string,
  },
};

const doc: RouteDoc = {
  id: 'removeRule',
  tag: 'rules',
  summary: 'Remove a rule',
  description:
    'It is taken out of its file when everything else compiles and passes its tests without it; a file that holds nothing ' +
    'else goes, with its tests. Then the rules that are left take over from those that run, and its state goes with them. ' +
    'What it told stays, its versions too. The last rule is not removed.',
  roles: ['author'],
  problems: ['bad_parameter', 'not_found', 'conflict', 'rule_refused', 'tests_failed', 'audit_failed'],
  answers: {
    200: { description: 'It is gone, and does not run any more', content: { 'application/json': removed } },
    202: {
      description: 'Its file is gone, and it runs still: `needs` says what for',
      content: { 'application/json': removed },
    },
  },
};

const querystring = {
  replaces: { type: 'string', maxLength: 100, description: 'plan hash of the version that is meant; else a conflict' },
  because: { type: 'string', maxLength: 1000, description: 'why, for the list of versions and the audit' },
};

/** DELETE /v1/rules/:name. */
export function addRuleRemoval(app: FastifyInstance, rules: RuleDesk | null, alerts: AlertHistory, audit: Audit): void {
  app.delete('/v1/rules/:name', route(doc, { params: nameParameter, querystring }), async (request, reply) => {
    const { name: rule } = request.params as { name: string };
    const { replaces, because } = request.query as { replaces?: string; because?: string };
    const why = because === undefined ? {} : { because };
    const desk = deskOf(rules);
    // Counting its alerts reads the records: not for a rule that is not there.
    if (!(await asConflict(async () => desk.knows(rule)))) throw noSuchRule(rule);
    // Before anything is removed: what cannot be counted must not make a failure of what was done.
    const open_alerts = await openOf(rule, alerts);
    const answer = await asConflict(() =>
      desk.remove({ rule, replaces, because }, identityOf(request).name, ({ tests }) =>
        audit(request, 'rule.remove', rule, 'done', { tests, ...why }),
      ),
    );
    if (answer === null) throw noSuchRule(rule);
    if ('passed' in answer) {
      audit(request, 'rule.remove', rule, `refused: ${answer.code}`, why);
      throw asRefusal(answer);
    }
    const { taken_over, ...gone } = answer;
    return reply.code(taken_over.live ? 200 : 202).send({ ...gone, open_alerts, ...taken_over });
  });
}

async function openOf(rule: string, alerts: AlertHistory): Promise<number> {
  let count = 0;
  for (const status of ['open', 'updated']) {
    let cursor: string | null = null;
    for (let pages = 0; pages < most_pages && count < most_open; pages++) {
      const page = await alerts.page({ tenant: null, rule, status }, most_open, cursor);
      count += page.items.length;
      cursor = page.next_cursor;
      if (cursor === null) break;
    }
  }
  return Math.min(count, most_open);
}
