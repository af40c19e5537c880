import type { Program } from '../program.ts';
import type { JoinOperator } from './join-parts.ts';
import type { Life } from './life.ts';
import type { Policy } from './policy.ts';
import type { Risk } from './risk.ts';
import type { Stage } from './stage.ts';

/** Bytes by what holds them. */
export type StateParts = Readonly<Record<string, number>>;

/**
 * What the fold's state is made of, in bytes: for each row store its rows, its keys and what its operators remember
 * (named by the operators and the key that they share), each join, and what is kept of detections. Their sum is the
 * state; `state_bytes` of the figures says no more than that.
 */
export function stateParts(
  program: Program,
  stages: readonly Stage[],
  { policy, risk, life, joins }: { policy: Policy; risk: Risk; life: Life; joins: readonly JoinOperator[] },
): StateParts {
  const parts: Record<string, number> = {};
  const add = (name: string, bytes: number) => {
    parts[name] = (parts[name] ?? 0) + bytes;
  };
  for (const store of stages.flatMap((stage) => stage.stores)) {
    const names = store.operators.map(({ spec }) => spec.name).join(', ');
    const rows = store.table.allocated_bytes;
    const keys = store.keys.allocated_bytes;
    add(`rows of ${names}`, rows);
    add(`keys of ${names}`, keys);
    add(`states of ${names}`, store.allocated_bytes - rows - keys);
  }
  joins.forEach((join, i) => {
    add(`join ${i + 1}`, join.bytes);
  });
  add(
    'SUPPRESS intervals',
    program.operators.reduce((sum, _, index) => sum + policy.bytesOf(index), 0),
  );
  add('RISK entities', risk.bytes);
  add('open detections', life.bytes);
  return parts;
}

export function sumOf(parts: StateParts): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}
