import type { Format, Shell } from './command.ts';
import { detectionCells, detectionColumns } from './detection-line.ts';
import { OutputFile } from './output-file.ts';
import type { ShownDetection } from './shown-detection.ts';
import { type Cell, renderTable, type TableColumn } from './table.ts';
import { plural, type TimeZone } from './units.ts';

/** Characters. */
const written_at_once = 1 << 20;

/** Rows of the table on a terminal: one screen. */
const shown_rows = 20;

/** Where the detections of a backtest go: stdout in the chosen format, and a file when one is named. */
export class DetectionOutput {
  readonly #shell: Shell;
  readonly #format: Format;
  readonly #zone: TimeZone;
  readonly #file: OutputFile | null;
  readonly #rows: Cell[][] = [];
  /** Of each row, and of all detections. */
  readonly #row_tenants: string[] = [];
  readonly #tenants = new Set<string>();
  #open = 0;
  #written = 0;

  /** @throws CliError when the file cannot be written. */
  constructor(shell: Shell, format: Format, zone: TimeZone, path: string | undefined) {
    this.#shell = shell;
    this.#format = format;
    this.#zone = zone;
    this.#file = path === undefined ? null : new OutputFile(path, '--out', shell);
    if (this.#toStdout && format === 'json') shell.stdout.write('{"detections":[');
  }

  /** With --out the records go to the file, and a pipe gets nothing. */
  get #toStdout(): boolean {
    return this.#file === null || this.#format === 'table';
  }

  /** Nobody takes what is written any more. */
  get closed(): boolean {
    return this.#file === null && this.#shell.stdout.closed;
  }

  /**
   * Detections that were decided together: they are in the file, and on their way to stdout, when this is done.
   * @throws CliError when the file takes no more
   */
  async write(detections: readonly ShownDetection[]): Promise<void> {
    let lines = '';
    for (const detection of detections) {
      const { record } = detection;
      if (record === null) continue;
      const line = `${typeof record === 'string' ? record : JSON.stringify(record)}\n`;
      if (this.#file !== null) lines += line;
      // A million keys may have fired at the end of one window.
      if (this.#file !== null && lines.length > written_at_once) {
        this.#file.write(lines);
        lines = '';
      }
      if (this.#toStdout) await this.#show(detection, line);
    }
    if (this.#file !== null && lines !== '') this.#file.write(lines);
  }

  async #show({ record, status, tenant }: ShownDetection, line: string): Promise<void> {
    const { stdout } = this.#shell;
    if (this.#format === 'table') {
      if (status === 'suppressed') return;
      this.#open++;
      this.#tenants.add(tenant);
      if (this.#rows.length < shown_rows) {
        const shown = typeof record === 'string' ? JSON.parse(record) : { ...record };
        this.#rows.push(detectionCells(shown, this.#zone, 'day-time'));
        this.#row_tenants.push(tenant);
      }
    } else {
      const text = this.#format === 'ndjson' ? line : `${this.#written++ === 0 ? '\n' : ',\n'}${line.trimEnd()}`;
      if (!stdout.write(text)) await stdout.drained();
    }
  }

  /** One column more where the detections are of several tenants: the same key is another one in each. */
  #table(): { readonly columns: readonly TableColumn[]; readonly rows: readonly Cell[][] } {
    if (this.#tenants.size < 2) return { columns: detectionColumns, rows: this.#rows };
    const at = detectionColumns.findIndex(({ title }) => title === 'key');
    return {
      columns: detectionColumns.toSpliced(at, 0, { title: 'tenant', may_shrink: true }),
      rows: this.#rows.map((cells, i) => cells.toSpliced(at, 0, this.#row_tenants[i] as string)),
    };
  }

  /** Ends the output; `summary` closes the JSON document. @throws CliError when the file is not whole */
  finish(summary: object): void {
    const { stdout } = this.#shell;
    this.#file?.close();
    if (!this.#toStdout) return;
    if (this.#format === 'json') stdout.write(`\n],"summary":${JSON.stringify(summary)}}\n`);
    if (this.#format !== 'table') return;
    if (this.#rows.length === 0) {
      stdout.line('  no detections');
      return;
    }
    const width = stdout.table_width;
    stdout.line(renderTable({ ...this.#table(), paint: stdout.paint, width }));
    const more = this.#open - this.#rows.length;
    if (more > 0) stdout.line(`  ... ${plural(more, 'more detection')}: --format ndjson shows all`);
  }
}
