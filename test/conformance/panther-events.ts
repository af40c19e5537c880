import { type CodecEntry, findCodec } from '../../connectors/index.ts';

type Sample = { readonly [name: string]: unknown };

interface Source {
  codec: string;
  /** Where the vendor's record holds its time. */
  time: string;
  /** What every record of the vendor has and the peer's shortened samples may lack. */
  always?: Sample;
}

const sources: { readonly [log_type: string]: Source } = {
  'Asana.Audit': { codec: 'asana', time: 'created_at' },
  'Auth0.Events': { codec: 'auth0', time: 'data.date' },
  'Azure.Audit': { codec: 'entra_id', time: 'time' },
  'AWS.CloudTrail': {
    codec: 'aws_cloudtrail',
    time: 'eventTime',
    always: { eventName: 'none', userIdentity: { type: 'AWSService' } },
  },
  'Box.Event': { codec: 'box', time: 'created_at' },
  'Duo.Administrator': { codec: 'duo', time: 'isotimestamp' },
  'Duo.Authentication': { codec: 'duo', time: 'isotimestamp' },
  'GCP.AuditLog': { codec: 'gcp_audit', time: 'timestamp' },
  'GitHub.Audit': { codec: 'github', time: '@timestamp' },
  'GSuite.ActivityEvent': {
    codec: 'google_workspace',
    time: 'id.time',
    always: { actor: { email: 'someone@example.com' } },
  },
  'Notion.AuditLogs': { codec: 'notion', time: 'event.timestamp' },
  'Okta.SystemLog': { codec: 'okta', time: 'published', always: { actor: { alternateId: 'someone@example.com' } } },
  'OneLogin.Events': { codec: 'onelogin', time: 'created_at', always: { user_id: 1 } },
  'OnePassword.SignInAttempt': { codec: 'onepassword', time: 'timestamp' },
  'Slack.AuditLogs': { codec: 'slack', time: 'date_create' },
  'Zendesk.Audit': { codec: 'zendesk', time: 'created_at' },
};

const isObject = (value: unknown): value is Sample =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The sample, and what it lacks of the other, object by object. */
function merged(sample: Sample, other: Sample): Sample {
  const joined: { [name: string]: unknown } = { ...other, ...sample };
  for (const [name, value] of Object.entries(other)) {
    const own = sample[name];
    if (isObject(value) && isObject(own)) joined[name] = merged(own, value);
  }
  return joined;
}

/** {a: {b: value}} of 'a.b'. */
function nested(path: string, value: unknown): Sample {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Sample;
}

/**
 * The events that Weir makes of a sample of the peer, by the codec of its source; a source without a codec gives its
 * record in `details`, as a user's own forwarder would. The peer shortens its samples and writes times its own way,
 * without a zone: `time` is put in the place of the sample's, or ('where absent') where it has none. The message of a
 * rejection is an Error.
 */
export function eventsOf(log_type: string, sample: Sample, time_ms: number, put: 'always' | 'where absent'): object[] {
  const source = sources[log_type];
  const time = new Date(time_ms).toISOString();
  if (source === undefined) {
    const platform = log_type.split('.', 1)[0]?.toLowerCase();
    return [{ timestamp: time, platform, event_type: `${platform}.record`, account_id: 'not told', details: sample }];
  }
  const timed =
    put === 'always' ? merged(nested(source.time, time), sample) : merged(sample, nested(source.time, time));
  const result = (findCodec(source.codec) as CodecEntry)
    .create({ time_zone: 'UTC' })
    .decode(Buffer.from(JSON.stringify(merged(timed, source.always ?? {}))));
  if (result.kind === 'events') return [...result.events];
  throw new Error(result.kind === 'rejected' ? result.message : result.kind);
}
