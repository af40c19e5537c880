import { durationText } from '../build/duration-text.ts';
import { valueText, type Why, type WhyCondition, type WhyFiring } from './answer.ts';

import { besideLines } from './beside.ts';
import { clauseLines } from './clause-lines.ts';
import { droppedHints } from './dropped.ts';
import { earlyHints } from './early-text.ts';
import { joinHints, joinLines } from './join-text.ts';
import { silenceHints } from './silence.ts';

/** One line of the answer: what it is about, how much, and what to notice. */
export interface WhyLine {
  readonly text: string;
  readonly amount: string;
  readonly note: string;
}

export interface WhyText {
  readonly title: string;
  /** The clauses in order, with what is left behind each. */
  readonly funnel: readonly WhyLine[];
  /** Sentences: what came of it, and how it could have been otherwise. */
  readonly answer: readonly string[];
}

/** The answer for a person. `time` writes a time, as the reader wants it. */
export function whyText(answer: Why, time: (time_ms: number) => string): WhyText {
  const { rule, key, window, tenant, plan_hash, joins = [], inputs = [] } = answer;
  const who = [...(tenant === 'default' ? [] : [`tenant ${tenant}`]), ...(key ?? []).map(valueText)].join(' ');
  const subject = window.kind === 'event' && key === null ? 'one event' : who === '' ? 'all events' : who;
  return {
    title: `${rule}, plan ${plan_hash}: ${subject}, ${windowText(answer, time)}`,
    funnel: [
      ...inputs.flatMap((input) => inputLines(input, time)),
      ...clauseLines(answer),
      ...(key === null ? joinsText(answer, time) : []),
      ...conditionLines(answer),
      ...besideLines(answer),
      ...(key === null ? [] : joinsText(answer, time)),
      ...(answer.selects ?? []).flatMap((select) => selectLines(select, time)),
    ],
    answer: [
      outcomeText(answer, time),
      ...modeText(answer),
      ...besides(answer, time),
      ...unstored(answer, time),
      ...earlyHints(answer, time),
      ...joins.flatMap((join) => {
        const of_row = key === null ? '' : `of ${join.left.id}: `;
        return joinHints(join, time).map((line) => `${of_row}${line}`);
      }),
      ...droppedHints(answer),
      ...silenceHints(answer),
      ...hints(answer, time),
    ],
  };
}

/** What joins made of a row; of a window, of one of its left rows that gave none. */
function joinsText({ joins = [], key }: Why, time: (time_ms: number) => string): WhyLine[] {
  const window = { kind: 'event' as const, from_ms: 0, to_ms: 0 };
  const lines = (conditions: readonly WhyCondition[]) => conditionLines({ conditions, window });
  return joins.flatMap((join) => {
    const { at_ms, id } = join.left;
    return joinLines(join, lines, key === null ? null : `a row that gave none: ${id} of ${time(at_ms)}`);
  });
}

/** One SELECT of a UNION ALL: whether it gave the row, and its own clauses. */
function selectLines(select: Why, time: (time_ms: number) => string): WhyLine[] {
  const note = select.outcome === 'gave_row' ? 'gives the row' : '← gives none';
  const lines = whyText(select, time).funnel;
  return [{ text: select.rule, amount: '', note }, ...lines.map((line) => ({ ...line, text: `  ${line.text}` }))];
}

/** A view of windows that is read: what its window held. */
function inputLines(input: Why, time: (time_ms: number) => string): WhyLine[] {
  const note = input.outcome === 'gave_row' ? 'gives a row' : '← gives no row';
  const lines = whyText(input, time).funnel;
  const title = { text: `${input.rule}, ${windowText(input, time)}`, amount: '', note };
  return [title, ...lines.map((line) => ({ ...line, text: `  ${line.text}` }))];
}

function windowText({ window: { kind, from_ms, to_ms } }: Why, time: (time_ms: number) => string): string {
  if (kind === 'event') return `at ${time(to_ms)}`;
  if (kind === 'sliding') return `the ${durationText(to_ms - from_ms)} up to ${time(to_ms)}`;
  return `the ${kind} window from ${time(from_ms)} up to ${time(to_ms + 1)}`;
}

function conditionLines({ conditions, window }: Pick<Why, 'conditions' | 'window'>): WhyLine[] {
  return conditions.flatMap((condition) => {
    const note = condition.truth === true ? (window.kind === 'event' ? 'true' : '') : missText(condition);
    const { text, truth, parts } = condition;
    const of = parts === undefined ? [] : conditionLines({ conditions: parts.all, window });
    // Where one side of an OR is true, the others are missing for nothing.
    const isEnough = parts?.of === 'or' && truth === true;
    return [
      { text, amount: amountText(condition), note },
      ...of.map((line) => ({
        ...line,
        text: `  ${line.text}`,
        note: isEnough ? line.note.replace('← ', '') : line.note,
      })),
    ];
  });
}

function amountText({ operator, left, right, truth }: WhyCondition): string {
  if (operator === null) return valueText(truth);
  if (typeof left === 'number' && typeof right === 'number') return `${left} / ${right}`;
  return valueText(left);
}

function missText({ operator, left, right, truth }: WhyCondition): string {
  if (truth === null) return '← NULL: neither true nor false';
  if (operator === '>=' && typeof left === 'number' && typeof right === 'number') {
    return right - left === 1
      ? `← one short of ${right}`
      : `← ${Number((right - left).toPrecision(6))} short of ${right}`;
  }
  return '← not true';
}

function outcomeText(answer: Why, time: (time_ms: number) => string): string {
  const { firing, outcome, window, revision } = answer;
  if (revision !== undefined) return revisionText(revision, firing, time);
  const what = window.kind === 'event' ? 'WHERE' : 'HAVING';
  const nothing = answer.kind === 'view' ? 'gives no row' : 'did not fire';
  switch (outcome) {
    case 'fired':
      return `fired at ${time(firing?.at_ms ?? 0)}: detection ${firing?.id}`;
    case 'suppressed':
      return `fired at ${time(firing?.at_ms ?? 0)}, ${suppressedText(firing)}`;
    case 'true_before': {
      const since = firing === null ? '' : `: fired at ${time(firing.at_ms)}, detection ${firing.id}`;
      return `${what} is true here and was true before, so this is no new detection${since}`;
    }
    case 'gave_row': {
      const gives =
        window.kind === 'event' || window.kind === 'sliding' ? 'gives a row here' : 'the window gives a row';
      const isAsked = answer.conditions.length > 0 || window.kind === 'event';
      return isAsked ? `${gives}: ${what} is true` : `${gives}: every one does, it has no HAVING`;
    }
    case 'no_rows':
      if (answer.inputs !== undefined && answer.funnel.every(({ rows }) => rows === 0) && answer.joins === undefined) {
        return `${nothing}: no row reached it; see what it reads`;
      }
      if (answer.selects !== undefined) return `${nothing}: no SELECT gives a row`;
      if (answer.for_window === true) return `${nothing}: it gave no row for the window`;
      return answer.joins === undefined ? `${nothing}: no row of the key passed WHERE in this window` : nothing;
    case 'not_true':
      return `${nothing}: ${what} was not true`;
  }
}

const muted = 'exception:';

function suppressedText(firing: WhyFiring | null): string {
  const by = firing?.suppressed_by ?? '';
  return by.startsWith(muted) ? `muted by exception ${by.slice(muted.length)}` : `suppressed by detection ${by}`;
}

function revisionText(
  { did, id, at_ms, severity, revision }: NonNullable<Why['revision']>,
  firing: WhyFiring | null,
  time: (time_ms: number) => string,
): string {
  const what =
    did === 'escalated'
      ? `escalated detection ${id} to ${severity}`
      : did === 'opened again'
        ? `opened detection ${id} again`
        : `${did} detection ${id}`;
  const since = firing === null ? '' : `, which fired at ${time(firing.at_ms)}`;
  return `no new detection: revision ${revision} at ${time(at_ms)} ${what}${since}`;
}

/** What else belongs to what fired: further pairs of a left row, rows that its window got later. */
function besides({ also_fired = [], rows_after = 0, outcome }: Why, time: (time_ms: number) => string): string[] {
  const lines = also_fired.slice(0, 3).map(({ at_ms, id, suppressed_by }) => {
    const what = suppressed_by === null ? 'also fired' : 'also fired, and was suppressed';
    return `${what}, with another right row, at ${time(at_ms)}: detection ${id}`;
  });
  if (also_fired.length > 3) lines.push(`and ${also_fired.length - 3} more with other right rows`);
  if (rows_after > 0 && (outcome === 'fired' || outcome === 'suppressed')) {
    const rows = rows_after === 1 ? '1 more row' : `${rows_after} more rows`;
    lines.push(`the figures are those at the firing; ${rows} passed WHERE in the window after it`);
  }
  return lines;
}

function modeText({ mode, outcome }: Why): string[] {
  if (mode === undefined || (outcome !== 'fired' && outcome !== 'suppressed')) return [];
  return [
    mode === 'shadow'
      ? 'nobody is told: the rule is in MODE shadow, so the detection is kept and marked, is no alert and adds no risk'
      : 'nobody is told: the rule is in MODE signal, so the detection only adds to RISK and is not kept',
  ];
}

/** A detection of the time before its rule ran is found here as by a backtest, and was told to nobody. */
function unstored({ firing }: Why, time: (time_ms: number) => string): string[] {
  if (firing?.is_stored !== false) return [];
  const { told_by } = firing;
  if (told_by !== undefined) {
    const { id, plan_hash, at_ms, told_at_ms } = told_by;
    const when = told_at_ms === null ? '' : `, told at ${time(told_at_ms)} by the clock`;
    return [
      `told by another plan of the rule, ${plan_hash}: detection ${id} of ${time(at_ms)}${when}`,
      `detection ${firing.id}, as this plan has it, was not told: so it is with what a rule finds in the time before it ran (or was changed)`,
    ];
  }
  return [
    `nobody got detection ${firing.id}: it is not among the detections that Weir has written`,
    'so it is with what a rule finds in the time before it ran (or was changed), and with MODE signal',
  ];
}

function hints(answer: Why, time: (time_ms: number) => string): string[] {
  const { nearest, would_fire_with, just_missed, window, outcome, resets, revision } = answer;
  const lines = would_fire_with.map(
    ({ param, value, now }) => `would have fired with ${param} = ${value} (now ${now})`,
  );
  for (const { view, text, value, now, param } of answer.would_fire_if ?? []) {
    lines.push(
      param === null
        ? `would have fired if ${view} asked for ${text} (now ${now})`
        : `would have fired with ${param} = ${value} (now ${now}): ${view} would have given a row`,
    );
  }
  const is_elsewhere = nearest !== null && nearest.at_ms !== window.to_ms && nearest.conditions.length > 0;
  if (is_elsewhere && revision === undefined && outcome !== 'fired' && outcome !== 'suppressed') {
    const parts = nearest.conditions.map((one) => `${one.name} ${amountText(one)}`);
    const isTrue = nearest.conditions.every(({ truth }) => truth === true);
    lines.push(`${isTrue ? 'true' : 'nearest'} at ${time(nearest.at_ms)}: ${parts.join(', ')}`);
  }
  for (const { at_ms, text } of just_missed) lines.push(`just missed: the event at ${time(at_ms)}: ${text}`);
  if (resets) {
    lines.push(
      outcome === 'fired' || outcome === 'suppressed'
        ? 'RESET empties the window at each firing: HAVING was asked of what came since the one before, WHERE counts all'
        : 'RESET empties the window at each firing; the figures here are those without it',
    );
  }
  return lines;
}
