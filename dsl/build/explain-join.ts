import type { JoinSpec, Program } from '../../engine/index.ts';
import { limits } from '../../engine/index.ts';
import { durationText } from './duration-text.ts';

/** What a rule reads, by name; a join by what it joins. */
export function inputText(program: Program, stream: number): string {
  const { name, join } = program.streams[stream];
  if (join === undefined) return name;
  const [left, right] = [join.left, join.right].map((side) => inputText(program, side.stream));
  return `${left} ${join.outer ? 'left join' : 'join'} ${right} ${withinText(join)} by ${join.key_names.join(', ')}`;
}

function withinText({ before_ms, after_ms }: JoinSpec): string {
  if (before_ms === after_ms) return `within ${durationText(after_ms)}`;
  const parts = [
    ...(before_ms > 0 ? [`${durationText(before_ms)} before`] : []),
    ...(after_ms > 0 ? [`${durationText(after_ms)} after`] : []),
  ];
  return `within ${parts.join(', ')}`;
}

/** Sentences about a join: where its rows stand, and what it keeps; [] where there is none. */
export function joinText(program: Program, stream: number): string[] {
  const { join } = program.streams[stream];
  if (join === undefined) return [];
  const { before_ms, after_ms, outer } = join;
  const below = [join.left, join.right].flatMap((side) => joinText(program, side.stream));
  const waits = `a left row that met no partner stands ${durationText(after_ms)} after its time, behind all events then`;
  const most = limits.rows_per_key.toLocaleString('en');
  return [
    ...below,
    'a pair stands at its later row',
    ...(outer ? [waits] : []),
    `the join keeps left rows for ${durationText(after_ms)} and right rows for ${durationText(before_ms)}, at most ${most} of a key: the oldest go, counted`,
  ];
}
