import type { DetectionRecord } from '../api/service.ts';
import type { NewRule, RecoveryReport } from '../live/recovery.ts';
import type { Weir } from '../live/weir.ts';
import type { Format, Shell } from './command.ts';
import { detectionCells, detectionColumns } from './detection-line.ts';
import { printable, textWidth } from './table.ts';
import { formatCount, formatDuration, formatTime, plural, type TimeZone } from './units.ts';

const redraw_ms = 1000;
const erase = '\r\u001b[K';
const key_column = detectionColumns.findIndex(({ title }) => title === 'key');

/** Of events that name no tenant. */
const default_tenant = 'default';
const widest_tenant = 24;

type Status = ReturnType<Weir['status']>;

/**
 * What a person sees of a running Weir: detections on stdout as they come, and on a terminal one line of figures below
 * them, on stderr.
 */
export class RunScreen {
  readonly #shell: Shell;
  readonly #format: Format;
  readonly #zone: TimeZone;
  readonly #widths: number[];
  #last: { readonly read: number; readonly at_ms: number } | null = null;
  #status_shown = false;
  #account: string | null = null;
  readonly #told_bounds = new Set<string>();
  /** A detection was of another tenant than `default`: the same key is another one in each. */
  #has_tenants = false;
  #tenant_width = 8;
  /** EMIT EARLY: shown, and not final yet. */
  readonly #early = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(shell: Shell, format: Format, zone: TimeZone, rules: readonly string[]) {
    this.#shell = shell;
    this.#format = format;
    this.#zone = zone;
    this.#widths = [8, 8, Math.min(36, Math.max(...rules.map((rule) => rule.length), 8)), 16];
  }

  /** The account of the latest detection that was about one. */
  get last_account(): string | null {
    return this.#account;
  }

  detection(record: DetectionRecord): void {
    const { stdout } = this.#shell;
    this.#account = accountOf(record) ?? this.#account;
    if (this.#format !== 'table') {
      stdout.ndjson(record);
      return;
    }
    // A final record that only confirms what was shown says nothing new to a person.
    if (record.timing === 'early') this.#early.add(record.id);
    else if (this.#early.delete(record.id) && record.revision === 1) return;
    this.#eraseStatus();
    const parts = detectionCells(record, this.#zone, 'time').map((cell, i) => {
      const text = printable(typeof cell === 'string' ? cell : cell.text);
      const painted = typeof cell === 'string' ? text : stdout.paint.style(cell.style, text);
      return padded(painted, text, this.#widths[i] ?? 0);
    });
    const tenant = this.#tenantCell(record);
    if (tenant !== null) parts.splice(key_column, 0, tenant);
    stdout.line(parts.join('  ').trimEnd());
  }

  /** A line that was shown without one is of `default`: which tenants come is not known before. */
  #tenantCell({ tenant_id }: DetectionRecord): string | null {
    const tenant = printable(String(tenant_id ?? default_tenant));
    this.#has_tenants ||= tenant !== default_tenant;
    if (!this.#has_tenants) return null;
    this.#tenant_width = Math.max(this.#tenant_width, Math.min(widest_tenant, textWidth(tenant)));
    return padded(tenant, tenant, this.#tenant_width);
  }

  /** A line of the greeting that comes later. */
  say(line: string): void {
    this.#eraseStatus();
    this.#shell.stderr.line(line);
  }

  /** A sentence about the run itself. */
  note(message: string, word = 'note'): void {
    const { stderr } = this.#shell;
    this.#eraseStatus();
    stderr.line(`  ${word === 'note' ? word : stderr.paint.yellow(word)}: ${message}`);
  }

  /** Warns of the first drop of each bound, and draws the line of figures once a second, this only on a terminal. */
  follow(weir: Weir): void {
    const draw = (): void => {
      const { stderr } = this.#shell;
      const status = weir.status();
      for (const bound of Object.keys(status.drops)) {
        if (this.#told_bounds.has(bound)) continue;
        this.#told_bounds.add(bound);
        this.note(dropText(bound), 'warning');
      }
      if (!stderr.is_terminal) return;
      this.#eraseStatus();
      const line = this.#statusLine(status);
      stderr.write(stderr.paint.dim(line.slice(0, Math.max(10, stderr.width - 1))));
      this.#status_shown = true;
    };
    this.#timer = setInterval(draw, redraw_ms);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#eraseStatus();
  }

  #eraseStatus(): void {
    if (this.#status_shown) this.#shell.stderr.write(erase);
    this.#status_shown = false;
  }

  #statusLine(status: Status): string {
    const now_ms = this.#shell.now_ms();
    const { read, late, rejected } = status.counters;
    const seconds = this.#last === null ? 0 : (now_ms - this.#last.at_ms) / 1000;
    const rate = this.#last === null || seconds <= 0 ? 0 : (read - this.#last.read) / seconds;
    this.#last = { read, at_ms: now_ms };
    const watermark =
      status.watermark === null
        ? 'no event yet'
        : `watermark ${formatTime(Date.parse(status.watermark), this.#zone, 'time')} (${formatDuration(status.behind_ms ?? 0)} behind)`;
    const parts = [
      `${formatCount(rate)} events/s`,
      plural(status.detections.published, 'detection'),
      // Before the watermark: a narrow terminal cuts the end, and nobody may miss what was turned away.
      `late ${formatCount(late)}`,
      `rejected ${formatCount(rejected)}`,
      watermark,
    ];
    return `  ${parts.join(' · ')}`;
  }
}

/** A text, painted or not, with spaces up to a width. */
function padded(painted: string, text: string, width: number): string {
  return painted + ' '.repeat(Math.max(0, width - textWidth(text)));
}

function accountOf({ entity }: DetectionRecord): string | null {
  const { type, id } = (entity ?? {}) as { type?: unknown; id?: unknown };
  return type === 'account' && typeof id === 'string' ? id : null;
}

/** Law 5: what a bound drops is named. How much it is by now stands in /v1/status. */
function dropText(bound: string): string {
  return `the bound ${bound} was reached and the oldest of it goes: detections may miss it (/v1/status counts it)`;
}

/** The sentence that says what a start found. */
export function recoveryText(recovery: RecoveryReport, status: Status): string {
  const { replayed_entries, ms } = recovery;
  const history = plural(status.counters.read, 'event');
  const read = `${plural(replayed_entries, 'log entry', 'log entries')} read in ${formatDuration(ms)}`;
  if (recovery.kind === 'fresh') return 'no history yet';
  if (recovery.kind === 'resumed') return `continues with ${history} of history (checkpoint, ${read})`;
  return `continues with ${history} of history, state rebuilt because ${recovery.reason ?? ''} (${read})`;
}

/**
 * What a start that read the log again found in the past of rules that are new or changed, and tells nobody; null:
 * nothing. What it found again of rules that the run before had is no news: that run has dealt with it.
 * @param backtest the command that shows it
 */
export function pastText({ detections: { history_new } }: Pick<Status, 'detections'>, backtest: string): string | null {
  if (history_new === 0) return null;
  const found = `${formatCount(history_new)} of new or changed rules, which nobody got`;
  const still = 'A rule that holds already fires for that key again only when it has not held in between';
  return `past detections are not published now: ${found}. ${still} (they are in: ${backtest})`;
}

/**
 * How far back a rule sees that the run before did not have, or that was deployed: whether that is as far as it remembers
 * (S14), and if not, what that means and until when. Nothing can be done about it but to wait.
 */
export function newRuleText(
  { rule, coverage, horizon_ms, quiet_ms, sees_back_to_ms }: NewRule,
  zone: TimeZone,
  what: 'is new' | 'was deployed and runs now' = 'is new',
): string {
  if (sees_back_to_ms === null) return `${rule} ${what}: there are no events yet`;
  if (coverage === 'warm') {
    const memory =
      horizon_ms === 0 ? 'it remembers nothing' : `its ${formatDuration(horizon_ms)} of memory are in the log`;
    return `${rule} ${what}, warm: ${memory}`;
  }
  const back = `${rule} ${what}, partial: it sees back to ${formatTime(sees_back_to_ms, zone)}, where the log begins`;
  if (quiet_ms === null)
    return `${back}; what it remembers from before that has no end, so it may always miss some of it`;
  if (quiet_ms > 0) {
    return `${back}; until ${formatDuration(quiet_ms)} have passed without a detection of it, it may miss or repeat what began before`;
  }
  const whole_ms = sees_back_to_ms + horizon_ms;
  return `${back}; until ${formatTime(whole_ms, zone)}, when its ${formatDuration(horizon_ms)} of memory are whole, it may miss what began before`;
}
