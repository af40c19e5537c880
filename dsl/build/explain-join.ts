import {
  type JoinSpec,
  joinBytes,
  joinedStreams,
  limits,
  type OperatorSpec,
  type Program,
} from '../../engine/index.ts';
import type { OperatorPlan } from '../plan/plan.ts';
import { durationText } from './duration-text.ts';

const joinWords = { inner: 'join', left: 'left join', semi: 'where exists', anti: 'where not exists' } as const;

/** What a rule reads, by name; a join by what it joins, a UNION ALL by its SELECTs. */
export function inputText(program: Program, stream: number): string {
  const { name, join } = program.streams[stream];
  const [maker] = program.operators.filter(({ output_stream }) => output_stream === stream);
  if (maker?.unnest !== undefined) return inputText(program, maker.input);
  const makers = makersOf(program, stream);
  if (makers.length > 1) return makers.join(' union all ');
  if (join === undefined) return name;
  const [left, right] = [join.left, join.right].map((side) => inputText(program, side.stream));
  const how = join.as_of ? 'as of its last window' : withinText(join);
  return `${left} ${joinWords[join.kind]} ${right} ${how} by ${join.key_names.join(', ')}`;
}

function withinText({ before_ms, after_ms }: JoinSpec): string {
  if (before_ms === after_ms) return `within ${durationText(after_ms)}`;
  const parts = [
    ...(before_ms > 0 ? [`${durationText(before_ms)} before`] : []),
    ...(after_ms > 0 ? [`${durationText(after_ms)} after`] : []),
  ];
  return `within ${parts.join(', ')}`;
}

/** Names of the views whose rows a stream has; one that is tuned is several operators of one name. */
function makersOf({ operators }: Program, stream: number): string[] {
  return [...new Set(operators.flatMap(({ name, output_stream }) => (output_stream === stream ? [name] : [])))];
}

/** Sentences about a join: where its rows stand, and what it keeps; [] where there is none. */
export function joinText(program: Program, stream: number): string[] {
  const { join } = program.streams[stream];
  if (join === undefined) return [];
  const below = [join.left, join.right].flatMap((side) => joinText(program, side.stream));
  if (join.as_of) return [...below, ...baselineText(program, join, stream)];
  return [...below, ...decidedText(join), ...keptText(program, join, stream)];
}

function baselineText(program: Program, { right, kind, before_ms }: JoinSpec, stream: number): string[] {
  const { name } = program.streams[right.stream];
  const bytes = joinBytes(program, stream);
  const most = (limits.keys_per_group * limits.key_groups).toLocaleString('en');
  const without = kind === 'inner' ? 'a row without one is left out' : 'a row without one has NULL there';
  return [
    `each row has ${name}'s last window that ended at or before its time beside it; ${without}`,
    `the last window of each key is kept for ${durationText(before_ms)}, of at most ${most} keys: those silent longest go, counted`,
    `a window that is kept takes ${bytes.right_row + bytes.key} B, its key included`,
  ];
}

function decidedText({ kind, after_ms }: JoinSpec): string[] {
  const late =
    after_ms === 0
      ? 'at its time, behind all events of that millisecond'
      : `${durationText(after_ms)} after its time, behind all events then`;
  if (kind === 'semi')
    return ['a left row comes once, at the later of it and the first right row that makes EXISTS true'];
  if (kind === 'anti') return [`a left row comes when no right row made EXISTS true: ${late}`];
  const pair = 'a pair stands at its later row';
  return kind === 'inner' ? [pair] : [pair, `a left row that met no partner stands ${late}`];
}

function keptText(program: Program, join: JoinSpec, stream: number): string[] {
  const { before_ms, after_ms, left, right } = join;
  const most = limits.rows_per_key.toLocaleString('en');
  const bound = `at most ${most} of a key: the oldest go, counted`;
  const { left_row, right_row, key } = joinBytes(program, stream);
  // An event's own id stands in its row.
  const isMore = left.stream > 0 || right.stream > 0 ? ', and a row of a view or a join more, for its ids' : '';
  return [
    `the join keeps left rows for ${durationText(after_ms)} and right rows for ${durationText(before_ms)}, ${bound}`,
    `a left row takes ${left_row} B, a right row ${right_row} B, a key ${key} B${isMore}`,
  ];
}

/** How the rows of a UNION ALL stand; [] where there is none. */
export function unionText(program: Program, stream: number): string[] {
  const makers = makersOf(program, stream);
  if (makers.length < 2) return [];
  return [`an event that passes several of ${makers.join(', ')} gives a row of each, in this order`];
}

/** What UNNEST makes of an event, in the operator's own FROM or EXISTS; [] where there is none. */
export function unnestText({ name }: OperatorPlan, program: Program): string[] {
  const spec = program.operators.find((one) => one.name === name) as OperatorSpec;
  const read = [spec.input, ...joinedStreams(program, spec.input)];
  if (!program.operators.some(({ unnest, output_stream }) => unnest !== undefined && read.includes(output_stream)))
    return [];
  const most = limits.unnest_elements.toLocaleString('en');
  return [`an event gives a row for each element in order, at most ${most}: those behind them are left out, counted`];
}
