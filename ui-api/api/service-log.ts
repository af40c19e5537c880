import { renameSync, statSync } from 'node:fs';
import { type DestinationStream, type Logger, pino } from 'pino';

/** At a start, a service log larger than this becomes weir.log.1 and a new one begins. */
const rotate_bytes = 64 * 1024 * 1024;

/** Lines that wait for a disk that takes none; further ones are lost. */
const most_waiting_bytes = 4 * 1024 * 1024;
/** A disk that does not answer must not keep Weir from ending. */
const close_within_ms = 1000;

export interface ServiceLog {
  readonly logger: Logger;
  /** Writes what is buffered, as far as the disk takes it; call it last. */
  close(): Promise<void>;
}

/**
 * Opens <data>/weir.log. Requests are written without headers and without the query, so that no token can stand in it.
 * A disk that is full does not end Weir by its service log: `report` is told once, and again when it happens anew. What must
 * be on disk says so itself, and stops.
 */
export function openServiceLog(path: string, level: string, report: (problem: string) => void): ServiceLog {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > rotate_bytes) renameSync(path, `${path}.1`);
  const destination = pino.destination({
    ...{ dest: path, sync: false, mkdir: true, mode: 0o600, maxLength: most_waiting_bytes },
  });
  let isBroken = false;
  destination.on('error', (error: Error) => {
    if (!isBroken) report(`${path} cannot be written: ${error.message}; Weir goes on without it until it can be`);
    isBroken = true;
  });
  destination.on('write', () => {
    isBroken = false;
  });
  // flushSync() tries for ever where the disk is full, and pino would call it at the exit of what is not destroyed.
  const close = () =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        destination.destroy();
        resolve();
      };
      const timer = setTimeout(end, close_within_ms);
      destination.once('close', end);
      destination.once('error', end);
      destination.end();
    });
  return { logger: createLogger(level, destination), close };
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
