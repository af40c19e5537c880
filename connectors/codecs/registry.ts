import type { Codec } from '../../engine/index.ts';
import { jsonCodec } from './json.ts';
import { mappedCodec } from './mapping/mapped-codec.ts';
import type { Mapping } from './mapping/mapping.ts';
import { asana } from './sources/asana.ts';
import { auth0 } from './sources/auth0.ts';
import { awsCloudtrail } from './sources/aws-cloudtrail.ts';
import { box } from './sources/box.ts';
import { duo } from './sources/duo.ts';
import { entraId } from './sources/entra-id.ts';
import { gcpAudit } from './sources/gcp-audit.ts';
import { github } from './sources/github.ts';
import { googleWorkspace } from './sources/google-workspace.ts';
import { notion } from './sources/notion.ts';
import { okta } from './sources/okta.ts';
import { onelogin } from './sources/onelogin.ts';
import { onepassword } from './sources/onepassword.ts';
import { slack } from './sources/slack.ts';
import { zendesk } from './sources/zendesk.ts';
import { sshdCodec } from './sshd/sshd.ts';
import type { SyslogOptions } from './sshd/syslog-line.ts';

/** All options of all codecs; each takes those that it names in `options`. */
export type CodecOptions = SyslogOptions;

export interface CodecOption {
  readonly name: keyof CodecOptions;
  /** As on the command line; null where the program finds the value itself. */
  readonly flag: string | null;
  readonly summary: string;
}

export interface CodecEntry {
  /** What `--as` takes. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CodecOption[];
  /** Makes a codec for one source. Throws an Error with a message for the user where an option is wrong. */
  create(options: CodecOptions): Codec;
}

function mapped(mapping: Mapping): CodecEntry {
  const summary = 'zone of times without one, such as UTC; without it a record whose time lacks its zone is rejected';
  return {
    name: mapping.name,
    summary: mapping.summary,
    options: [{ name: 'time_zone', flag: '--time-zone', summary }],
    create: (options) => mappedCodec(mapping, options),
  };
}

/** Every input format. A new codec is a file in this folder and an entry here. */
export const codecs: readonly CodecEntry[] = [
  { name: 'json', summary: jsonCodec().summary, options: [], create: jsonCodec },
  ...[
    asana,
    auth0,
    awsCloudtrail,
    box,
    duo,
    entraId,
    gcpAudit,
    github,
    googleWorkspace,
    notion,
    okta,
    onelogin,
    onepassword,
    slack,
    zendesk,
  ].map(mapped),
  {
    name: 'sshd',
    summary: sshdCodec().summary,
    options: [
      {
        name: 'year',
        flag: '--year',
        summary:
          'year of the first line, for times without one; a step back of more than 90 days begins a new year. ' +
          "Without it: the latest year that is not after the file's last change",
      },
      {
        name: 'time_zone',
        flag: '--time-zone',
        summary: 'zone of times without one, such as Europe/Berlin; default UTC',
      },
      { name: 'reference_ms', flag: null, summary: "the file's last change, from which the year follows" },
    ],
    create: sshdCodec,
  },
];

/** The codec of a name, or undefined. */
export function findCodec(name: string): CodecEntry | undefined {
  return codecs.find((entry) => entry.name === name);
}
