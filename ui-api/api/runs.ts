import type { FastifyInstance, FastifyRequest } from 'fastify';
import { declaredRules } from '../deploy/rule-place.ts';
import { newestFirst } from '../records/page.ts';
import { most_waiting, type RunDesk } from '../runs/run-desk.ts';
import { RunRefused } from '../runs/run-files.ts';
import type { RunParameters } from '../runs/run-record.ts';
import { asProblem, pageOf, pageParameters, timeOf } from './alerts.ts';
import type { Audit } from './audit.ts';
import { ApiError } from './problem.ts';
import { identityOf, type RouteDoc, type RouteSchema, route, type Schema } from './route.ts';
import { SearchSlots } from './search-slots.ts';
import type { AlertService } from './service.ts';

const string: Schema = { type: 'string' };
const nullable: Schema = { type: ['string', 'null'] };
const idParameter = { id: { type: 'string', maxLength: 100, description: 'id of the run' } };

const run: Schema = {
  type: 'object',
  required: ['id', 'state', 'by', 'created_at', 'started_at', 'ended_at', 'parameters', 'progress', 'error'],
  properties: {
    ...{ id: string, by: string, created_at: string, started_at: nullable, ended_at: nullable, error: nullable },
    state: { enum: ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] },
    progress: {
      type: ['object', 'null'],
      description:
        '`read` and `of` count entries of the log (events, verdicts, steps of the clock): first it is read for its verdicts ' +
        '(`history`, where `of` is not known yet), then for `columns` that are missing, then for its `events`; while they are judged for long ' +
        '(`judging`) they count milliseconds of event time',
    },
    summary: {
      description: 'when it is done: what `weir backtest --summary` writes, or `weir reproduce --format json`',
    },
  },
};
const answer = (description: string, schema: Schema) => ({ description, content: { 'application/json': schema } });

const startDoc: RouteDoc = {
  id: 'startRun',
  tag: 'runs',
  summary: 'Start a backtest over the log',
  description:
    'It runs in a process of its own, with low priority, on a copy of the rules as they run now. With a candidate it runs ' +
    'that text, beside the streams, views and lookups of the others: what would it have found?',
  roles: ['author', 'operator'],
  problems: ['bad_body', 'conflict', 'too_many_runs', 'audit_failed'],
  answers: { 202: answer('It waits or runs', run) },
};
const startBody: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    rules: {
      ...{ type: 'array', items: { type: 'string', maxLength: 200 }, minItems: 1, maxItems: 1000 },
      description: 'names of rules; without it all of them',
    },
    candidate: {
      description: 'a rule beside those that run: its name, and its text as Weir SQL',
      type: 'object',
      required: ['name', 'text'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
        text: { type: 'string', minLength: 1, maxLength: 256 * 1024 },
      },
    },
    since: { type: 'string', description: 'detections decided from this time on' },
    until: { type: 'string', description: 'and before this one' },
    late: { type: 'string', enum: ['include'], description: 'judge late events as if they had been in time' },
  },
};

const reproduceDoc: RouteDoc = {
  id: 'reproduceAlert',
  tag: 'runs',
  summary: 'Derive an alert again from the log',
  description:
    'A run of `weir reproduce`: the rule as it was then, over the events and rows of lookups as they were then. Its summary ' +
    'says `outcome` equal or differs, and per record and part of the core what was stored and what was derived. It reads the ' +
    'log and takes a place among the runs, so it is for those who may start runs; whoever may read runs may read it.',
  roles: ['author', 'operator'],
  problems: ['not_found', 'conflict', 'too_many_runs', 'audit_failed'],
  answers: { 202: answer('It waits or runs', run) },
};

const listDoc: RouteDoc = {
  id: 'listRuns',
  tag: 'runs',
  summary: 'The runs that are kept (50), the latest first',
  roles: ['reader', 'author', 'operator', 'auditor'],
  answers: {
    200: answer('All of them, without their summaries', {
      type: 'object',
      required: ['items'],
      properties: { items: { type: 'array', items: run } },
    }),
  },
};

const oneDoc: RouteDoc = {
  id: 'getRun',
  tag: 'runs',
  summary: 'How far a run is, and its summary',
  roles: ['reader', 'author', 'operator', 'auditor'],
  problems: ['not_found'],
  answers: { 200: answer('The run', run) },
};

const detectionsDoc: RouteDoc = {
  id: 'listRunDetections',
  tag: 'runs',
  summary: 'What a run found, the latest first; as far as it has come',
  roles: ['reader', 'author'],
  problems: ['not_found', 'bad_cursor', 'unknown_cursor'],
  answers: { 200: answer('A page of detection records', pageOf({ type: 'object' })) },
};

const cancelDoc: RouteDoc = {
  id: 'cancelRun',
  tag: 'runs',
  summary: 'End a run that waits or runs',
  roles: ['author', 'operator'],
  problems: ['not_found', 'conflict', 'audit_failed'],
  answers: { 202: answer('It ends', run) },
};

/** POST /v1/runs starts one, GET lists them, /v1/runs/:id tells of one, .../detections what it found, .../cancel ends it. */
export function addRunRoutes(
  app: FastifyInstance,
  runs: RunDesk | null,
  { history }: Pick<AlertService, 'history'>,
  audit: Audit,
): void {
  const alert: RouteSchema = { params: { id: { type: 'string', maxLength: 200, description: 'id of the alert' } } };
  const slots = new SearchSlots();
  app.post('/v1/alerts/:id/reproduce', route(reproduceDoc, alert), async (request, reply) => {
    const { id } = request.params as { id: string };
    const desk = deskOf(runs);
    const { items } = await slots.run(() => history.byId(id, 1));
    if (items.length === 0) {
      throw new ApiError('not_found', `no alert has the id ${JSON.stringify(id)}`, 'GET /v1/alerts lists them');
    }
    const parameters = { ...parametersOf({}), reproduce: id };
    return reply.code(202).send(started(request, desk, parameters, audit));
  });
  app.post('/v1/runs', route(startDoc, { body: startBody }), async (request, reply) => {
    const parameters = parametersOf(request.body as StartBody);
    return reply.code(202).send(started(request, deskOf(runs), parameters, audit));
  });
  app.get('/v1/runs', route(listDoc), async () => ({
    items: (runs?.list() ?? []).map(({ summary: _, ...record }) => record),
  }));
  const one: RouteSchema = { params: idParameter };
  app.get('/v1/runs/:id', route(oneDoc, one), async (request) => {
    const { id } = request.params as { id: string };
    return runs?.one(id) ?? noSuchRun(id);
  });
  app.get('/v1/runs/:id/detections', route(detectionsDoc, { ...one, querystring: pageParameters }), async (request) => {
    const { id } = request.params as { id: string };
    const { limit, cursor = null } = request.query as { limit: number; cursor?: string };
    const file = runs?.detections(id) ?? noSuchRun(id);
    return asProblem(() => newestFirst(file, () => true, limit, cursor));
  });
  app.post('/v1/runs/:id/cancel', route(cancelDoc, one), async (request, reply) => {
    const { id } = request.params as { id: string };
    const { state } = runs?.one(id) ?? noSuchRun(id);
    if (state !== 'queued' && state !== 'running') throw hasEnded(id, state);
    audit(request, 'run.cancel', id, 'done');
    if (runs?.cancel(id) !== true) throw hasEnded(id, state);
    return reply.code(202).send(runs.one(id));
  });
}

interface StartBody {
  readonly rules?: readonly string[];
  readonly candidate?: { readonly name: string; readonly text: string };
  readonly since?: string;
  readonly until?: string;
  readonly late?: 'include';
}

function parametersOf({ rules = [], candidate: given, since, until, late }: StartBody): RunParameters {
  const candidate = given ?? null;
  if (candidate !== null && rules.length > 0) {
    throw new ApiError('bad_body', 'rules and a candidate are given', 'a run is of rules, or of one candidate');
  }
  if (candidate !== null && !declaredRules(candidate.text).includes(candidate.name)) {
    throw new ApiError(
      'bad_body',
      `the candidate's text declares no rule named ${candidate.name}`,
      `write CREATE RULE ${candidate.name} ..., or give the name that the text has`,
    );
  }
  const [since_ms, until_ms] = [timeOf('since', since), timeOf('until', until)];
  if (since_ms !== undefined && until_ms !== undefined && until_ms <= since_ms) {
    throw new ApiError(
      'bad_body',
      'until is not after since: nothing lies between them',
      'give since the earlier time',
    );
  }
  return {
    ...{ rules: rules.length === 0 ? null : rules, candidate, late_include: late === 'include' },
    since: since_ms === undefined ? null : new Date(since_ms).toISOString(),
    until: until_ms === undefined ? null : new Date(until_ms).toISOString(),
  };
}

function started(request: FastifyRequest, runs: RunDesk, parameters: RunParameters, audit: Audit): object {
  if (!runs.has_room) {
    const what = `${most_waiting} runs wait already, which is as many as may`;
    throw new ApiError('too_many_runs', what, 'wait for them, or cancel some', { 'retry-after': '30' });
  }
  const { candidate, ...others } = parameters;
  const details = { ...others, candidate: candidate?.name ?? null };
  try {
    return runs.start(parameters, identityOf(request).name, (id) => audit(request, 'run.start', id, 'done', details));
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    throw new ApiError('bad_body', error.message, error.hint);
  }
}

function deskOf(runs: RunDesk | null): RunDesk {
  if (runs !== null) return runs;
  throw new ApiError('conflict', 'this Weir has no rule files', 'start it by `weir run` with a folder of rules');
}

function hasEnded(id: string, state: string): ApiError {
  return new ApiError('conflict', `the run ${id} is ${state}`, 'only a run that waits or runs can be cancelled');
}

function noSuchRun(id: string): never {
  throw new ApiError('not_found', `no run has the id ${JSON.stringify(id)}`, 'GET /v1/runs lists those that are kept');
}
