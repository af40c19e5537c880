import type { OperatorPlan, WindowPlan } from '../plan/plan.ts';
import { durationText } from './duration-text.ts';

type EndedWindow = Exclude<WindowPlan, { readonly kind: 'sliding' }>;

/** A window in words: '15 minutes hopping by 1 minute', 'sessions with a gap of 30 minutes'. */
export function windowText(window: WindowPlan): string {
  if (window.kind === 'sliding') return `${durationText(window.size_ms)} sliding`;
  if (window.kind === 'session') {
    const most = window.max_ms === null ? '' : `, at most ${durationText(window.max_ms)}`;
    return `sessions with a gap of ${durationText(window.gap_ms)}${most}`;
  }
  const { offset_ms, zone, empty_ms, empty_keys } = window;
  const by = window.kind === 'hopping' ? ` by ${durationText(window.advance_ms)}` : '';
  const shifted = offset_ms === undefined ? '' : `, shifted by ${durationText(offset_ms)}`;
  const unseen = empty_keys === undefined ? '' : `, also without rows for keys of ${empty_keys}`;
  const empty = empty_ms === undefined ? unseen : `, also without rows for ${durationText(empty_ms)}`;
  return `${durationText(window.size_ms)} ${window.kind}${by}${shifted}${zone === undefined ? '' : ` in ${zone}`}${empty}`;
}

/** When a window that has an end is decided, and what it gives, in sentences. */
export function windowDecided(window: EndedWindow, what: string, { kind, table, having }: OperatorPlan): string[] {
  const one = window.kind === 'session' ? 'session' : 'window';
  const runs = window.kind === 'hopping' && kind === 'rule';
  const often = runs ? 'once a run of consecutive true windows' : `once a ${one}`;
  const sentences: string[] = [];
  if (window.decided === 'early') {
    sentences.push(`${what} ${often}, at the first event that makes HAVING true: more rows only make it truer`);
  } else if (table === true) {
    sentences.push(`${what} at the ${one}'s end`);
  } else if (having === null) {
    sentences.push(
      `${what} ${runs ? `${often}, at the first one's end` : `at the ${one}'s end`}, with all of its rows`,
    );
  } else {
    sentences.push(
      `${what} ${runs ? `${often}, at the first one's end` : `at the ${one}'s end`}: until then more rows can change HAVING`,
    );
  }
  if (window.kind === 'session') {
    const max = window.max_ms === null ? '' : ` or ${durationText(window.max_ms)} after the first`;
    sentences.push(
      `a session ends ${durationText(window.gap_ms)} after its last event${max}; an event at that time begins a new one`,
    );
  } else if (window.empty_ms !== undefined) {
    sentences.push(
      `a window without rows counts as 0 for a key that was seen at most ${durationText(window.empty_ms)} before its end`,
    );
  } else if (window.empty_keys !== undefined) {
    sentences.push(
      `a window without rows counts as 0 for each key that ${window.empty_keys} has at the window's end, from the tenant's first event on`,
    );
  }
  return sentences;
}
