import { word } from './typed-here.ts';

/** A record that was rejected. */
export interface RejectedRecord {
  readonly reason: string;
  readonly message: string;
  readonly bytes: Uint8Array;
}

/** A file, and the command that reads it. */
export interface GivenFile {
  /** As it was given; `-`: the standard input. */
  readonly path: string;
  /** How that command reads a pipe, `--from -`; null: it reads none. */
  readonly pipe: string | null;
}

const kept_records = 3;
const kept_bytes = 64 * 1024;

/**
 * The first rejected records of a source of JSON lines. Where nothing else came of it, they say of what form the file is
 * instead, and so what to do.
 */
export class FirstRejected {
  readonly #records: RejectedRecord[] = [];

  /** Cheap: call it for each. */
  keep({ reason, message, bytes }: RejectedRecord): void {
    if (this.#records.length >= kept_records) return;
    this.#records.push({ reason, message, bytes: bytes.slice(0, kept_bytes) });
  }

  /**
   * What a source of JSON lines is and what to do; null: nobody knows.
   * @param is_all every record was rejected; a few that were not may stand between the lines of another form
   */
  hint(file: GivenFile, is_all: boolean): string | null {
    const [first] = this.#records;
    if (first === undefined) return null;
    const no_objects = ['not_json', 'not_an_object', 'too_large'];
    if (this.#records.every(({ reason }) => no_objects.includes(reason))) {
      const form = formOf(this.#records.map(({ bytes }) => new TextDecoder().decode(bytes)));
      if (form !== null) return form(file);
    }
    if (this.#records.every(({ reason, bytes }) => reason === 'missing_field' && isOfEcs(bytes))) {
      return ofEcs(first.message, file);
    }
    if (!is_all) return null;
    const isOther = this.#records.every(({ reason }) => reason === 'not_json');
    return isOther ? 'no line is JSON: a syslog file of sshd is read with --as sshd' : null;
  }
}

type Hint = (file: GivenFile) => string;

/** @param texts of the first lines, each perhaps cut */
function formOf(texts: readonly string[]): Hint | null {
  const first = texts[0].trim();
  if (/\r[^\n]/.test(texts[0])) return withReturns;
  if (/^\[\s*\{?$/.test(first)) return arrayOverLines;
  // A line of a log may begin with a bracket, too: a time stands in it.
  if (/^\[\s*\{/.test(first)) return arrayOnALine;
  if (/^\{(\s*"[^"]*"\s*:\s*([^{}]*,|[[{]))?$/.test(first)) return objectsOverLines;
  const delimiter = [',', ';', '\t'].find((one) => isCsv(texts, one));
  return delimiter === undefined ? null : csv(delimiter);
}

/** A header of names, and as many fields or more in what follows. */
function isCsv([header, ...rows]: readonly string[], delimiter: string): boolean {
  const names = header.trim().split(delimiter);
  if (names.length < 2 || !names.every((name) => /^"?[@\w][\w .@-]*"?$/.test(name.trim()))) return false;
  return rows.every((row) => row.trim() === '' || row.split(delimiter).length >= names.length);
}

const objectsOverLines: Hint = (file) =>
  `an event is one line, and this JSON is written over several: ${command('jq -c .', file)} writes one object a line${next(file)}`;

const arrayOverLines: Hint = (file) =>
  `an event is one line, and this is an array over several: ${command("jq -c '.[]'", file)} writes one object a line${next(file)}`;

const arrayOnALine: Hint = (file) =>
  `an event is one line, and this one is an array of them: ${command("jq -c '.[]'", file)} writes one object a line${next(file)}`;

const withReturns: Hint = (file) =>
  `its lines end with CR alone, so that they are one: ${command("tr '\\r' '\\n' <", file)} ends them with LF${next(file)}`;

const csv = (delimiter: string): Hint => {
  const given = delimiter === ',' ? '' : `, delimiter="${delimiter === '\t' ? '\\t' : delimiter}"`;
  const rows = `csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")${given})`;
  const program = `python3 -c 'import csv, json, sys; [print(json.dumps(row)) for row in ${rows}]'`;
  return (file) =>
    'this looks like CSV, which is not read. Where its columns have the names of fields, ' +
    `${command(program, file)} writes one object a line, of texts${next(file)}`;
};

/** What an ECS event most often has for the fields of Weir; `platform` is nobody's to guess. */
const of_ecs =
  'jq -c \'. + {timestamp: ."@timestamp", platform: "web", event_type: .event.action, account_id: (.user.id // .user.name)}\'';

function isOfEcs(bytes: Uint8Array): boolean {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof record === 'object' && record !== null && '@timestamp' in record && !('timestamp' in record);
  } catch {
    return false;
  }
}

/** @param message the door's: which fields are missing */
function ofEcs(message: string, file: GivenFile): string {
  const missing = /required: ([\w., ]+)$/.exec(message)?.[1] ?? 'timestamp';
  return (
    `these events have "@timestamp" (ECS), and Weir's fields are missing: ${missing}. They have to be named, ` +
    `for example, with a platform of your own: ${command(of_ecs, file)}${next(file)}`
  );
}

/** A command that works as it stands, on the file. */
function command(program: string, { path }: GivenFile): string {
  return `\`${program} ${path === '-' ? 'FILE' : word(path)}\``;
}

/** What becomes of that command's output. */
function next({ pipe }: GivenFile): string {
  return pipe === null ? ', for a file of its own' : `; pipe that in, with ${pipe}`;
}
