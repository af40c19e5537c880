/** What a file is whose first bytes are no text in UTF-8: compressed, or in another encoding. */
export interface ForeignForm {
  /** `gzip`, as a person calls it. */
  readonly name: string;
  /** The program that writes what is in it, from its standard input to its standard output. */
  readonly program: string;
}

/** So many bytes decide. */
export const start_bytes = 10;

const forms: readonly (ForeignForm & { readonly bytes: readonly number[] })[] = [
  { name: 'compressed (gzip)', program: 'zcat', bytes: [0x1f, 0x8b] },
  { name: 'compressed (bzip2)', program: 'bzcat', bytes: [0x42, 0x5a, 0x68, -1, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] },
  { name: 'compressed (xz)', program: 'xzcat', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'compressed (Zstandard)', program: 'zstdcat', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'text in UTF-16', program: 'iconv -f UTF-16 -t UTF-8', bytes: [0xff, 0xfe] },
  { name: 'text in UTF-16', program: 'iconv -f UTF-16 -t UTF-8', bytes: [0xfe, 0xff] },
];

/** The form that the beginning of a file tells, `start_bytes` of it where there are so many; null: it may be text. */
function foreignForm(start: Uint8Array): ForeignForm | null {
  return forms.find(({ bytes }) => bytes.every((byte, i) => (byte === -1 ? i in start : start[i] === byte))) ?? null;
}

/** The file has no lines: its bytes are of another form. */
export class ForeignFile extends Error {
  readonly form: ForeignForm;

  constructor(form: ForeignForm) {
    super(`it is ${form.name}`);
    this.name = 'ForeignFile';
    this.form = form;
  }
}

/** U+FEFF as UTF-8: programs of Windows begin a file with it. It belongs to the file, and to none of its records. */
const byte_order_mark = [0xef, 0xbb, 0xbf];

/**
 * The bytes behind a byte order mark.
 * @param start of the file
 * @throws ForeignFile
 */
export function textStart(start: Uint8Array): Uint8Array {
  const form = foreignForm(start);
  if (form !== null) throw new ForeignFile(form);
  return byte_order_mark.every((byte, i) => start[i] === byte) ? start.subarray(byte_order_mark.length) : start;
}
