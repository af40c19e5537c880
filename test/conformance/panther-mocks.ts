import { type LookupActivation, type LookupColumnSpec, lookupContent, type Value } from '../../engine/index.ts';

/** What the peer's test puts in the place of state that a rule keeps: the value of a call, texts of JSON mostly. */
export interface Mock {
  objectName: string;
  returnValue: unknown;
}

type LookupName = keyof typeof columns;

/** The lookups of panther/declared.sql. */
const columns = {
  sessions: {
    session_id: 'string',
    asn: 'string',
    ip: 'string',
    user_agent: 'string',
    browser: 'string',
    os: 'string',
  },
  legacy_auth_exceptions: { user_name: 'string' },
  seen_places: { account_id: 'string', place: 'string' },
  seen_accounts: { account_id: 'string' },
  last_logins: { account_id: 'string', seen_at: 'timestamp', lat: 'float', lon: 'float' },
} as const satisfies { [lookup: string]: { [column: string]: LookupColumnSpec['type'] } };

interface SeenLogin {
  p_event_time: string;
  lat: string;
  lng: string;
}

const utc_ms = (text: string) => Date.parse(`${text.replace(/Z$/, '')}Z`);

/** The rows that one mock stands for, for the account and the session that a test is about. */
function rowsOf(rule_id: string, mock: Mock, account_id: string, session_id: string | null): [LookupName, Value[][]][] {
  const value = JSON.parse(mock.returnValue as string) as unknown;
  switch (mock.objectName) {
    case 'KNOWN_EXCEPTIONS':
      return [['legacy_auth_exceptions', (value as string[]).map((name) => [name])]];
    case 'get_dictionary':
      return [
        ['seen_places', Object.keys(value as object).map((place) => [account_id, place])],
        ['seen_accounts', [[account_id]]],
      ];
    case 'get_string_set': {
      if (rule_id === 'Okta.PotentiallyStolenSession') {
        // ASN, address, user agent, browser and system of the session's first device.
        const parts = (value as string[]).map((text) => text.replace(/^user_agent:/, ''));
        return [['sessions', [[session_id, ...parts]]]];
      }
      const seen = value as SeenLogin[];
      return [
        ['last_logins', seen.map((one) => [account_id, utc_ms(one.p_event_time), Number(one.lat), Number(one.lng)])],
      ];
    }
    default:
      throw new Error(`the mock ${mock.objectName} of ${rule_id} stands for no lookup`);
  }
}

/** Every lookup, with the rows that the mocks of a test stand for; a mock without a value stands for none. */
export function mockedLookups(rule_id: string, events: readonly object[], mocks: readonly Mock[]): LookupActivation[] {
  const { account_id, session_id } = events[0] as { account_id: string; session_id?: string };
  const held = mocks.filter(({ returnValue }) => typeof returnValue === 'string' && returnValue !== '');
  const rows = new Map(held.flatMap((mock) => rowsOf(rule_id, mock, account_id, session_id ?? null)));
  return (Object.keys(columns) as LookupName[]).map((name) => {
    const specs = Object.entries(columns[name]).map(([column, type]) => ({ name: column, type }));
    return { ...lookupContent(name, specs, rows.get(name) ?? []), from_ms: Number.NEGATIVE_INFINITY };
  });
}
