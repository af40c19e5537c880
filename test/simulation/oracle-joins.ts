import type { ExpectedDetection, JoinRule, SimulationRule, unionColumns } from './case.ts';
import { isKnown, type LookupVersion } from './lookup-oracle.ts';
import { compareAll, evaluate, excepted, type Fired, type Row } from './naive-oracle.ts';
import { withComputed } from './oracle-computed.ts';
import { evidenceOf, restsOn } from './oracle-evidence.ts';
import { rowsThatExist, type Stream } from './oracle-exists.ts';
import { besideLookups } from './oracle-lookups.ts';
import { isEnough } from './oracle-policies.ts';
import { isOneEvent, unnested } from './oracle-unnest.ts';

/** What the lookups `known` and `nets` hold. */
interface Known {
  versions: readonly LookupVersion[];
  networks: readonly LookupVersion[];
}

/** A row that a join made, the ids that name it in an anchor, and what says which of two at one place stands first. */
interface Pair extends Row {
  anchor: [string] | [string, string | null];
  names: (string | number | null)[];
}

/**
 * Joins (S9), every left row against every right row. Two rows make a pair when their keys are equal and the right one
 * lies from `before` before to `after` after the left one; the pair stands at the later of them. A left row of a LEFT
 * JOIN that is in no pair stands after all events at left.time + after. Of a join of joins the pairs are the left rows, at
 * the times and places where they stand; EXISTS asks them in the same way. Of pairs at one place with one key, those of
 * events stand by their ids, those of views' rows as these stand in their streams.
 */
export function fireJoin(rule: JoinRule, streams: ReadonlyMap<string, Stream>, known: Known): Fired[] {
  const [left, right] = [rule.left, rule.right].map(({ input = 'events' }) => streams.get(input) as Stream);
  const { rows } = streams.get('events') as Stream;
  // It stands behind all that it reads (S2).
  const depth = Math.max(left.depth, right.depth);
  const passes = ({ where }: { where: JoinRule['left']['where'] }, row: Row) =>
    where === null || evaluate(where, row.fields, {}) === true;
  const lefts = withComputed(rule.left.unnest ? unnested(left.rows, 'el') : left.rows, rule.left.computed).filter(
    (row) => passes(rule.left, row) && isEnough(rule, row, columnOfSide(rule.left, 's')),
  );
  const ofRight = rule.right.unnest ? unnested(right.rows, 'er') : right.rows;
  const rights = withComputed(ofRight, rule.right.computed).filter((row) => passes(rule.right, row));
  // At one place the rows of the stream that was made first stand first.
  const made = [...streams.keys()];
  const [l, r] = [rule.left, rule.right].map(({ input = 'events' }) => made.indexOf(input)) as [number, number];
  const { rows: leftRows } = left;
  let pairs = pairsOf(lefts, rights, rule, 'r', l - r, (row) => leftRows.indexOf(row.of ?? row));
  const { third, exists = [] } = rule;
  if (third !== undefined) {
    const on = third.on.map(([l, r]): [string, string] => [`${third.of}.${l}`, r]);
    const thirds = rows.filter((row) => passes(third, row));
    // An event stands before the pairs that it made.
    pairs = pairsOf(pairs, thirds, { ...third, on }, 'm', 1, () => 0);
  }
  pairs = pairs.map((pair) => ({ ...pair, fields: { ...pair.fields, ...knownOf(pair, known.versions) } }));
  pairs = besideLookups(pairs, rule.lookups ?? [], known.versions, known.networks) as Pair[];
  pairs = pairs.filter(
    (pair) =>
      (rule.filter === undefined || evaluate(rule.filter, pair.fields, {}) === true) &&
      !excepted(rule, 'ignore', pair.time, pair.fields),
  );
  if (exists.length > 0) {
    const streams = new Map<string, Stream>([['events', { rows: [...rows], depth: 0 }]]);
    // At one place an event stands before the pairs that it made.
    const left = { name: rule.name, depth: 0.5 };
    pairs = rowsThatExist(pairs, exists, left, streams).map((row, i) => ({ ...row, anchor: [row.id], names: [i] }));
  }
  const inOrder = pairs.sort(
    (a, b) =>
      compareAll(a.place, b.place) ||
      compareAll([a.tenant], [b.tenant]) ||
      compareAll(a.key as string[], b.key as string[]) ||
      compareAll(a.names, b.names),
  );
  return inOrder.map((pair, order) => ({
    ...{ rule: rule.name, tenant: pair.tenant, key: pair.key as string[], order },
    anchor: rule.left.input === undefined && rule.right.input === undefined ? pair.anchor : [''],
    ...{ decided_at: pair.time, window: null, values: shownOf(rule, pair), ...evidenceOf(pair) },
    ...{ suppressed: false, place: pair.place, depth, row: viewOfPair(rule, pair), continues: false },
  }));
}

/** What a rule shows of a pair. */
function shownOf(rule: JoinRule, pair: Pair) {
  const { k1 = null, n = null } = viewOfPair(rule, pair).fields;
  const beside = (rule.lookups ?? []).map(({ as }) => [`${as}_owner`, pair.fields[`${as}.owner`] ?? null]);
  return { k1, n, ...Object.fromEntries(beside) };
}

/** `l.ip IN LOOKUP known`, asked of a pair as of its own time. */
function knownOf({ fields, time }: Row, versions: readonly LookupVersion[]) {
  const asked = ['l.ip', 'l.k1', 'r.ip', 'r.k1'];
  return Object.fromEntries(
    asked.map((name) => [`known:${name}`, isKnown(versions, (fields[name] ?? null) as string | null, time)]),
  );
}

/** Detections without what joins show, which neither the published answers have nor programs that are made without SQL. */
export function withoutShown(
  rules: readonly SimulationRule[],
  detections: readonly ExpectedDetection[],
): ExpectedDetection[] {
  const joins = new Set(rules.filter(({ kind }) => kind === 'join').map(({ name }) => name));
  return detections.map((one) => (joins.has(one.rule) ? { ...one, values: {} } : one));
}

/** A pair as a row of a view: of both sides, whatever they read, one has what the other has not. */
function viewOfPair({ left, right }: JoinRule, { fields, place, time, tenant, rests_on = [] }: Pair): Row {
  const of = (side: 'l' | 'r', name: (typeof unionColumns)[number]) =>
    fields[`${side}.${columnOfSide(side === 'l' ? left : right, name)}`] ?? null;
  const last = rests_on.at(-1);
  const columns = {
    k1: of('l', 'k1'),
    n: of('r', 'n'),
    fi: of('r', 'fi'),
    any: of('l', 'any'),
    s: of('l', 's'),
    timestamp: time,
  };
  return {
    time,
    place,
    tenant,
    id: '',
    event: last?.event ?? '',
    event_time: last?.time ?? time,
    rests_on,
    fields: columns,
  };
}

/** What a side calls a column of unionColumns: events have fields of other names. */
export function columnOfSide({ input }: JoinRule['left'], name: (typeof unionColumns)[number]): string {
  return input === undefined ? { k1: 'k1', n: 'x', fi: 'ip', any: 'res', s: 'x' }[name] : name;
}

type Asked = Pick<JoinRule, 'on' | 'before' | 'after' | 'left_join' | 'compares' | 'both'>;

function pairsOf(
  lefts: readonly Row[],
  rights: readonly Row[],
  { on, before, after, left_join, compares, both }: Asked,
  right_alias: string,
  order: number,
  placeIn: (row: Row) => number,
): Pair[] {
  return lefts.flatMap((left, l): Pair[] => {
    const key = on.map(([field]) => left.fields[field] ?? null);
    const partners = rights.filter(
      (right) =>
        !isOneEvent(right, left) &&
        right.tenant === left.tenant &&
        on.every(([, r], i) => key[i] !== null && key[i] === right.fields[r]) &&
        right.time >= left.time - before &&
        right.time <= left.time + after &&
        passesBoth(left, right, compares) &&
        (both === undefined || evaluate(both, { ...sided(left, 'l'), ...sided(right, right_alias) }, {}) === true),
    );
    const made = (right: Row | null): Pair => {
      const r = right === null ? 0 : rights.indexOf(right);
      const isRightFirst =
        right !== null && (compareAll(right.place, left.place) || -order || placeIn(right) - placeIn(left)) < 0;
      const both = right === null ? [left] : isRightFirst ? [right, left] : [left, right];
      const deadline = [left.time + after, 1];
      const later = right === null ? deadline : [left, right].map(({ place }) => place).sort(compareAll)[1];
      // A pair whose left row came at its deadline, or behind it, stands there.
      const place = right === null && compareAll(left.place, deadline) > 0 ? left.place : (later as Row['place']);
      return {
        ...{ key, anchor: [left.id, right?.id ?? null], place, time: Number(place[0]), tenant: left.tenant },
        ...{ id: JSON.stringify([left.time, left.id, ...(right === null ? [null] : [right.time, right.id])]) },
        ...{ event: '', rests_on: restsOn(both) },
        // A view's row has no id that the oracle knows.
        names: [left.id || l, right === null ? null : right.id || r],
        fields: { ...sided(left, 'l'), ...(right === null ? {} : sided(right, right_alias)) },
      };
    };
    if (partners.length === 0) return left_join ? [made(null)] : [];
    return partners.map(made);
  });
}

function passesBoth(left: Row, right: Row, compares: JoinRule['compares']): boolean {
  if (compares === undefined) return true;
  const { operator, left: l, right: r } = compares;
  return (
    evaluate([operator, ['f', 'l'], ['f', 'r']], { l: left.fields[l] ?? null, r: right.fields[r] ?? null }, {}) === true
  );
}

/** The fields of an event with its side in front; those of a pair have theirs. */
function sided(row: Row, side: string): Row['fields'] {
  const { fields } = row;
  if ('names' in row) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${side}.${name}`, value]));
}
