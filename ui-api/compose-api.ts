import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { DetectionFile } from '../connectors/index.ts';
import type { Clock, EventLog } from '../engine/index.ts';
import { TokenFile } from './access/token-file.ts';
import { type ApiOptions, buildApi } from './api/app.ts';
import type { ApiServices } from './api/service.ts';
import { type Config, dataPaths } from './config.ts';
import type { LoadedFiles, RuleDesk } from './deploy/rule-desk.ts';
import type { BlindKeeper } from './live/blind-keeper.ts';
import { blindCauses } from './live/blind-watch.ts';
import type { DetectionFeed } from './live/detection-feed.ts';
import type { Weir } from './live/weir.ts';
import { FileAlerts } from './records/alert-history.ts';
import { LogEvents } from './records/event-history.ts';
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
  readonly log: EventLog;
  readonly detections: DetectionFile;
  readonly feed: DetectionFeed;
  readonly blind: BlindKeeper;
  /** Told of each blind interval. */
  readonly followers: Set<() => void>;
  /** Absent: the program came from no files. */
  readonly rules: LoadedFiles | undefined;
  readonly desk: RuleDesk | null;
}

/** The part of the composition root that puts the API together. No logic here. */
export function composeApi(parts: ApiParts): ReturnType<typeof buildApi> {
  const { config, version, clock, logger, token, weir, detections, feed, blind, followers } = parts;
  const paths = dataPaths(config.data);
  const now_ms = () => clock.now_ms();
  const published = new RecordFile(paths.detections, () => detections.offset);
  const { rules, desk } = parts;
  const runs =
    rules === undefined
      ? null
      : new RunDesk({
          ...{ folder: paths.runs, history: paths.run_history, data: config.data, version, now_ms },
          files: () => desk?.files ?? rules,
        });
  const blind_file = new RecordFile(paths.blind, sizeOf(paths.blind));
  const services: ApiServices = {
    live: weir,
    alerts: {
      history: new FileAlerts(published),
      followed: [
        { event: 'detection', file: published },
        { event: 'blind', file: blind_file },
      ],
      subscribe: (wake) => {
        const unsubscribe = feed.subscribe(wake);
        followers.add(wake);
        return () => {
          unsubscribe();
          followers.delete(wake);
        };
      },
    },
    rules: parts.desk,
    runs,
    events: new LogEvents(parts.log),
    blind: { file: blind_file, open: () => openByCause(blind) },
    audit: new RecordFile(paths.audit, sizeOf(paths.audit)),
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

/** Bytes of a file that is written whole lines at a time. */
function sizeOf(path: string): () => number {
  return () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function openByCause({ watch }: BlindKeeper): Readonly<Record<string, number>> {
  const count = (cause: string) => watch.open.filter((open) => open.cause === cause).length;
  return Object.fromEntries(blindCauses.map((cause) => [cause, count(cause)]));
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
