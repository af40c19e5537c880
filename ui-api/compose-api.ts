import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { DetectionFile } from '../connectors/index.ts';
import type { Clock } from '../engine/index.ts';
import { TokenFile } from './access/token-file.ts';
import { type ApiOptions, buildApi } from './api/app.ts';
import type { ApiServices } from './api/service.ts';
import { type Config, dataPaths } from './config.ts';
import { type LoadedFiles, RuleDesk } from './deploy/rule-desk.ts';
import { RuleVersions } from './deploy/rule-versions.ts';
import type { DetectionFeed } from './live/detection-feed.ts';
import type { Weir } from './live/weir.ts';
import { FileAlerts } from './records/alert-history.ts';
import { RecordFile } from './records/record-file.ts';
import { RunDesk } from './runs/run-desk.ts';

export interface ApiParts {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: ApiOptions['logger'];
  /** The first token. */
  readonly token: string;
  readonly weir: Weir;
  readonly detections: DetectionFile;
  readonly feed: DetectionFeed;
  /** Absent: the program came from no files. */
  readonly rules: LoadedFiles | undefined;
}

/** The part of the composition root that puts the API together. No logic here. */
export function composeApi(parts: ApiParts): ReturnType<typeof buildApi> {
  const { config, version, clock, logger, token, weir, detections, feed } = parts;
  const paths = dataPaths(config.data);
  const now_ms = () => clock.now_ms();
  const published = new RecordFile(paths.detections, () => detections.offset);
  const runs =
    parts.rules === undefined
      ? null
      : new RunDesk({ folder: paths.runs, data: config.data, files: parts.rules, now_ms });
  const services: ApiServices = {
    live: weir,
    alerts: {
      history: new FileAlerts(published),
      followed: [{ event: 'detection', file: published }],
      subscribe: (wake) => feed.subscribe(wake),
    },
    rules: parts.rules === undefined ? null : new RuleDesk(parts.rules, new RuleVersions(paths.rule_versions), now_ms),
    runs,
    audit: new RecordFile(paths.audit, () => statSync(paths.audit, { throwIfNoEntry: false })?.size ?? 0),
    free_bytes: () => freeBytes(config.data),
  };
  const tokens = new TokenFile(paths.tokens, token);
  const { body_bytes, requests_per_second } = config;
  // No request is larger than the queue: the bound holds for an empty one too.
  const request_lines = Math.min(config.request_lines, config.queue_events);
  const app = buildApi({
    ...{ services, token, body_bytes, request_lines, requests_per_second, version, logger, now_ms },
    identify: (given) => tokens.identify(given, now_ms()),
    monotonic_ms: () => performance.now(),
  });
  app.addHook('onClose', () => runs?.stop());
  return app;
}

/** Bytes that Weir may still write where its data stand; null: the file system does not say. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
