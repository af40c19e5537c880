import type { FastifyInstance } from 'fastify';
import type { Deployed, RuleChange, RuleDesk } from '../deploy/rule-desk.ts';
import type { GateRefused } from '../deploy/rule-gate.ts';
import type { AlertHistory } from '../records/alert-history.ts';
import type { Audit } from './audit.ts';
import { ApiError, type ProblemCode } from './problem.ts';
import { identityOf, type RouteDoc, route, type Schema } from './route.ts';
import { asConflict, asRefusal, deskOf, nameParameter, noSuchRule } from './rule-answers.ts';
import { addRuleRemoval } from './rule-removal.ts';

const most_text = 256 * 1024;
const string: Schema = { type: 'string' };

const summary = {
  type: 'object',
  required: ['name', 'plan_hash', 'path', 'severity', 'mode', 'tested', 'pending'],
  properties: {
    ...{ name: string, plan_hash: string, path: string, severity: string, mode: string },
    tested: {
      type: 'object',
      description: 'what its own tests say; they run beside the start, which does not wait for them',
      required: ['state', 'failed'],
      properties: {
        state: { enum: ['running', 'passed', 'failed', 'untested', 'unknown'] },
        failed: { type: 'array', items: string, description: 'names of the tests that failed' },
      },
    },
    pending: {
      type: ['object', 'null'],
      description: 'a version that was deployed and does not run yet; `removes`: the rule was removed and runs still',
    },
  },
};
const listOf = (items: Schema): Schema => ({
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items } },
});
const json = (description: string, schema: Schema) => ({ description, content: { 'application/json': schema } });

const listDoc: RouteDoc = {
  id: 'listRules',
  tag: 'rules',
  summary: 'The rules that run',
  roles: ['reader', 'author', 'auditor'],
  answers: { 200: json('All of them', listOf(summary)) },
};

const oneDoc: RouteDoc = {
  id: 'getRule',
  tag: 'rules',
  summary: 'One rule: text, parameters, plan, tests',
  roles: ['reader', 'author', 'auditor'],
  problems: ['not_found'],
  answers: { 200: json('The rule', { ...summary, required: [...summary.required, 'text', 'plan', 'tests'] }) },
};

const versionsDoc: RouteDoc = {
  id: 'listRuleVersions',
  tag: 'rules',
  summary: 'Every version of a rule that ran or was deployed, the latest first',
  roles: ['reader', 'author', 'auditor'],
  problems: ['not_found'],
  answers: {
    200: json(
      'With their texts',
      listOf({ type: 'object', required: ['at', 'rule', 'how', 'by', 'plan_hash', 'text_sha256', 'text'] }),
    ),
  },
};

const change: Schema = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: {
    text: { type: 'string', minLength: 1, maxLength: most_text, description: 'the whole text of its file' },
    tests: {
      type: 'string',
      maxLength: most_text,
      description: 'the text of its test file, which a new rule needs; without it the file that is there stays',
    },
    pack: {
      type: 'string',
      pattern: '^[a-z][a-z0-9_-]{0,40}$',
      description:
        'folder of a new rule; without it the folder that Weir was started with. A rule that stands in a file on disk ' +
        'already, running or written since the start, is replaced there',
    },
    replaces: { type: 'string', description: 'plan hash of the version that it replaces; another one is a conflict' },
    because: { type: 'string', maxLength: 1000, description: 'why, for the list of versions and the audit' },
  },
};
const refusals: readonly ProblemCode[] = ['bad_body', 'conflict', 'rule_refused', 'no_tests', 'tests_failed'];

const checkDoc: RouteDoc = {
  id: 'checkRule',
  tag: 'rules',
  summary: 'What deploying it would say: compiles all rules with it and runs all tests, changes nothing',
  roles: ['author'],
  problems: refusals,
  answers: {
    200: json('It would be deployed', { type: 'object', required: ['passed', 'plan_hash', 'tests', 'warnings'] }),
  },
};

const historyText =
  'coverage `warm`: the log reaches as far back as the rule remembers (remembers_ms). `partial`: it begins later, at ' +
  'sees_back_to; until sees_back_to + remembers_ms (a rule with SUPPRESS: until as long has passed without a detection ' +
  'of it) the rule may miss or repeat what began before. It gets whole by itself.';

const deployDoc: RouteDoc = {
  id: 'deployRule',
  tag: 'rules',
  summary: 'Deploy a rule: check and tests are the gate',
  description:
    'Its files are written when everything compiles with it and every test passes. Then the rules on disk take over from ' +
    'those that run, warmed from the log, as a restart would do it; events are taken meanwhile.',
  roles: ['author'],
  problems: [...refusals, 'audit_failed'],
  answers: {
    200: json('It passed, is kept and runs; `history` says how far back the rules see that did not run before', {
      type: 'object',
      required: ['rule', 'plan_hash', 'path', 'tests', 'live', 'live_from', 'history'],
      properties: {
        ...{ rule: string, plan_hash: string, path: string, live: { const: true } },
        live_from: { type: ['string', 'null'], description: 'stream time from which on it decides' },
        history: { type: 'array', description: historyText, items: { type: 'object' } },
      },
    }),
    202: json('It passed and is kept, and does not run yet: `needs` says what for', {
      type: 'object',
      required: ['rule', 'plan_hash', 'path', 'tests', 'live', 'needs'],
      properties: { rule: string, plan_hash: string, path: string, live: { const: false }, needs: string },
    }),
  },
};

/** GET /v1/rules, /v1/rules/:name and its versions; PUT deploys one, POST .../check only says what that would do. */
export function addRuleRoutes(app: FastifyInstance, rules: RuleDesk | null, alerts: AlertHistory, audit: Audit): void {
  app.get('/v1/rules', route(listDoc), async () => ({ items: rules?.list() ?? [] }));
  app.get('/v1/rules/:name', route(oneDoc, { params: nameParameter }), async (request) => {
    const { name } = request.params as { name: string };
    const rule = rules?.one(name) ?? null;
    if (rule === null) throw noSuchRule(name);
    return rule;
  });
  app.get('/v1/rules/:name/versions', route(versionsDoc, { params: nameParameter }), async (request) => {
    const { name } = request.params as { name: string };
    const items = rules?.versions(name) ?? [];
    if (items.length === 0) throw noSuchRule(name);
    return { items };
  });
  app.post('/v1/rules/:name/check', route(checkDoc, { params: nameParameter, body: change }), async (request) => {
    const answer = await asConflict(() => deskOf(rules).check(changeOf(request)));
    if (!answer.passed) throw asRefusal(answer);
    return answer;
  });
  app.put('/v1/rules/:name', route(deployDoc, { params: nameParameter, body: change }), async (request, reply) => {
    const asked = changeOf(request);
    const { rule, because } = asked;
    const why = because === undefined ? {} : { because };
    const answer: Deployed | GateRefused = await asConflict(() =>
      deskOf(rules).deploy(asked, identityOf(request).name, ({ plan_hash, tests }) =>
        audit(request, 'rule.deploy', rule, 'done', { plan_hash, tests, ...why }),
      ),
    );
    if ('passed' in answer) {
      audit(request, 'rule.deploy', rule, `refused: ${answer.code}`, why);
      throw asRefusal(answer);
    }
    const { taken_over, ...kept } = answer;
    return reply.code(taken_over.live ? 200 : 202).send({ ...kept, ...taken_over });
  });
  addRuleRemoval(app, rules, alerts, audit);
}

/** A name that a file can have: a new rule is written to NAME.rule.sql. */
function changeOf(request: { readonly params: unknown; readonly body: unknown }): RuleChange {
  const { name } = request.params as { name: string };
  if (/^[a-z][a-z0-9_]{0,62}$/.test(name)) return { ...(request.body as Omit<RuleChange, 'rule'>), rule: name };
  throw new ApiError(
    'bad_parameter',
    `a rule cannot be deployed as ${JSON.stringify(name)}`,
    'a name has small letters, digits and _ (at most 63, a letter first)',
  );
}
