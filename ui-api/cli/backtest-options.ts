import type { Format } from './command.ts';
import type { FormatOptions } from './source.ts';

/** What `weir backtest` can be told; times are epoch milliseconds. */
export interface BacktestOptions extends FormatOptions {
  readonly from: string;
  readonly since?: number;
  readonly until?: number;
  readonly asArrived?: boolean;
  readonly asOf?: number;
  readonly late?: 'include';
  readonly lookups?: 'recorded' | 'latest';
  readonly out?: string;
  readonly summary?: string;
  readonly tables?: string;
  readonly deadLetters?: string;
  readonly data?: string;
  readonly progress?: boolean;
  /** So many segments of the log are made into columns, and so many parts of the rules judged, at once. */
  readonly threads?: number;
  /** What the API calls this run, and who asked for it. */
  readonly run?: string;
  readonly runBy?: string;
  readonly utc?: boolean;
  readonly format?: Format;
}
