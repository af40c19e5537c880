import type { Detection } from '../../engine/index.ts';

/** An anchor in the form of the pinned cases: events by their ids. */
export function anchorForm(anchor: Detection['anchor']): (string | number | null)[] {
  if ('id' in anchor) return [anchor.id];
  return 'left' in anchor ? [anchor.left.id, anchor.right?.id ?? null] : [anchor.window_start];
}
