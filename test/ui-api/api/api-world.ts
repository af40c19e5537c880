import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { MemoryLog } from '../../../connectors/index.ts';
import { compile, loadRuleFiles } from '../../../dsl/index.ts';
import { type Role, roles } from '../../../ui-api/access/roles.ts';
import { TokenFile } from '../../../ui-api/access/token-file.ts';
import { type ApiOptions, buildApi } from '../../../ui-api/api/app.ts';
import type { ApiServices } from '../../../ui-api/api/service.ts';
import { createLogger } from '../../../ui-api/api/service-log.ts';
import { diskReader } from '../../../ui-api/cli/rules.ts';
import { RuleDesk } from '../../../ui-api/deploy/rule-desk.ts';
import { RuleVersions } from '../../../ui-api/deploy/rule-versions.ts';
import { FileAlerts } from '../../../ui-api/records/alert-history.ts';
import { LogEvents } from '../../../ui-api/records/event-history.ts';
import { RecordFile } from '../../../ui-api/records/record-file.ts';
import type { RunDesk } from '../../../ui-api/runs/run-desk.ts';
import { atEnd } from '../../at-end.ts';
import { FakeService } from './fake-service.ts';

/** The first token, which may do everything. */
export const token = 'a-token-of-the-tests-0123456789';
const now_ms = Date.parse('2026-03-01T10:00:00Z');

/** A file that a test appends to, and those who are told. */
export class TestFile {
  readonly file: RecordFile;
  readonly #wakes: Set<() => void>;

  constructor(path: string, wakes: Set<() => void>) {
    writeFileSync(path, '', { flag: 'a' });
    this.file = new RecordFile(path, () => statSync(path).size);
    this.#wakes = wakes;
  }

  append(...records: readonly object[]): void {
    appendFileSync(this.file.path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    for (const wake of this.#wakes) wake();
  }
}

/** The rules of a folder, as a Weir that runs them has them. */
export function deskOf(folder: string): RuleDesk {
  const loaded = loadRuleFiles(diskReader(folder), ['rules']);
  const { plan } = compile(loaded.rules);
  assert.ok(plan !== null);
  const versions = new RuleVersions(join(folder, 'rule-versions.ndjson'));
  return new RuleDesk({ folder, paths: ['rules'], plan, loaded }, versions, () => 0);
}

/** What stands behind the API of a test; a second one on the same folder is a restart. */
export class ApiWorld {
  readonly folder: string;
  readonly live = new FakeService();
  readonly wakes = new Set<() => void>();
  readonly detections: TestFile;
  readonly blind: TestFile;
  readonly log = new MemoryLog();
  readonly tokens: TokenFile;
  readonly logged: string[] = [];
  /** Of the rates, in milliseconds. */
  time_ms = 0;
  free_bytes: number | null = null;
  rules: RuleDesk | null = null;
  runs: RunDesk | null = null;

  constructor(folder: string) {
    this.folder = folder;
    this.detections = new TestFile(join(folder, 'detections.ndjson'), this.wakes);
    this.blind = new TestFile(join(folder, 'blind.ndjson'), this.wakes);
    this.tokens = new TokenFile(join(folder, 'tokens.json'), token);
  }

  get services(): ApiServices {
    const { file } = this.detections;
    return {
      live: this.live,
      alerts: {
        history: new FileAlerts(file),
        followed: [
          { event: 'detection', file },
          { event: 'blind', file: this.blind.file },
        ],
        subscribe: (wake) => {
          this.wakes.add(wake);
          return () => this.wakes.delete(wake);
        },
      },
      rules: this.rules,
      runs: this.runs,
      events: new LogEvents(this.log),
      blind: { file: this.blind.file, open: () => ({ down: 0, silent: 1, shed: 0, behind: 0, field: 0 }) },
      audit: new RecordFile(join(this.folder, 'audit.ndjson'), () => {
        return statSync(join(this.folder, 'audit.ndjson'), { throwIfNoEntry: false })?.size ?? 0;
      }),
      free_bytes: async () => this.free_bytes,
    };
  }

  /** A token with just this role. */
  tokenOf(role: Role): string {
    return this.tokens.create(`${role}-${this.tokens.list().length}`, [role], now_ms, null).token;
  }
}

export function newFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-api-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  return folder;
}

export interface Started {
  readonly world: ApiWorld;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly post: (
    body: string | Uint8Array<ArrayBuffer>,
    path?: string,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

/** A listening API. `options` replace what it is built with. */
export async function start(
  context: TestContext,
  options: Partial<ApiOptions> = {},
  folder?: string,
  prepare: (world: ApiWorld) => void = () => undefined,
): Promise<Started> {
  const world = new ApiWorld(folder ?? newFolder(context));
  prepare(world);
  const app = buildApi({
    ...{ services: world.services, token, body_bytes: 4096, request_lines: 1000, requests_per_second: 1000 },
    version: '0.0.0',
    now_ms: () => now_ms,
    identify: (given) => world.tokens.identify(given, now_ms),
    logger: createLogger('info', { write: (line: string) => void world.logged.push(line) }),
    monotonic_ms: () => world.time_ms,
    ...options,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  atEnd(context, () => app.close());
  const authorization = `Bearer ${token}`;
  return {
    ...{ world, app, url },
    post: (body, path = '/v1/events', headers = {}) =>
      fetch(url + path, { method: 'POST', body, headers: { authorization, ...headers } }),
    get: (path, headers = {}) => fetch(url + path, { headers: { authorization, ...headers } }),
  };
}

/** The code of the problem that an answer is. */
export async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { code: string }).code;
}

export const everyRole = roles;
