import { renameSync, statSync } from 'node:fs';
import { type DestinationStream, type Logger, pino } from 'pino';

/** At a start, a service log larger than this becomes weir.log.1 and a new one begins. */
const rotate_bytes = 64 * 1024 * 1024;

export interface ServiceLog {
  readonly logger: Logger;
  /** Writes what is buffered; call it last. */
  flush(): void;
}

/**
 * Opens <data>/weir.log. Requests are written without headers and without the query, so that no token can stand in it.
 */
export function openServiceLog(path: string, level: string): ServiceLog {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > rotate_bytes) renameSync(path, `${path}.1`);
  const destination = pino.destination({ dest: path, sync: false, mkdir: true, mode: 0o600 });
  return { logger: createLogger(level, destination), flush: () => destination.flushSync() };
}

/** The logger behind the service log; a test gives its own destination. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['req.headers', 'headers', 'token'], remove: true },
      serializers: {
        req: (request: { method: string; url: string; ip?: string }) => ({
          method: request.method,
          path: request.url.split('?', 1)[0],
          ip: request.ip,
        }),
        res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
      },
    },
    destination,
  );
}
