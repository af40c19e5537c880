import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const unit_ms: Readonly<Record<string, number>> = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };

/**
 * Copies a folder of rules into another one, with every duration (windows, WITHIN, SUPPRESS, their PARAMs) cut to so many
 * seconds: what they remember is full after as long, so that a run of minutes shows whether memory stands still then. The
 * ids of events are remembered for twice DEDUP, which gets half of it.
 */
export function shortRules(from: string, to: string, most_seconds: number): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.test.yaml') });
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.sql'));
  for (const path of files) {
    const text = readFileSync(join(to, path), 'utf8').replaceAll(
      /\b(\d+) (SECOND|MINUTE|HOUR|DAY)S?\b/g,
      (written, count: string, unit: string) =>
        Number(count) * unit_ms[unit] > most_seconds * 1000 ? `${most_seconds} SECONDS` : written,
    );
    const dedup = `$&DEDUP ${most_seconds / 2} SECONDS `;
    writeFileSync(join(to, path), text.replace(/^CREATE STREAM \w+ LATENESS \d+ \w+ /m, dedup));
  }
}
