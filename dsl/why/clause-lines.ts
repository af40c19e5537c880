import { valueText, type Why, type WhyCondition } from './answer.ts';
import type { WhyLine } from './why-text.ts';

/**
 * The clauses with the rows that pass each of them, of the SELECTs of a UNION ALL first, and what they made of the event that
 * was asked about.
 */
export function clauseLines({ funnel, asked, selects_of = [] }: Why): WhyLine[] {
  const clausesOf = (one: { readonly funnel: Why['funnel'] }): number => one.funnel.length - 1;
  const given = selects_of.find((one) => one.asked?.conditions.slice(0, clausesOf(one)).every(isTrue) === true);
  const behind = given?.asked?.conditions.slice(clausesOf(given));
  return [
    ...selects_of.flatMap((one) => [
      { text: one.select, amount: '', note: '' },
      ...stepLines(one.funnel, one.asked?.conditions.slice(0, clausesOf(one)), '  '),
    ]),
    ...stepLines(funnel, asked?.conditions ?? behind, ''),
  ];
}

function stepLines(funnel: Why['funnel'], asked: readonly WhyCondition[] | undefined, indent: string): WhyLine[] {
  const failed = asked?.findIndex((one) => !isTrue(one)) ?? -1;
  return funnel.map(({ text, rows }, i) => {
    const isLast = i === funnel.length - 1;
    const note =
      asked === undefined
        ? ''
        : failed >= 0 && i === failed + 1
          ? `← not the event asked about${leftOf(asked[failed])}`
          : failed < 0 && isLast
            ? 'the event asked about is one of them'
            : '';
    return { text: `${indent}${text}`, amount: String(rows), note };
  });
}

function leftOf({ operator, name, left }: WhyCondition): string {
  return operator === null ? '' : `: ${name} is ${valueText(left)}`;
}

function isTrue({ truth }: WhyCondition): boolean {
  return truth === true;
}
