import { storesOf } from '../fold/lanes.ts';
import { joinedStreams, type OperatorSpec, type Program } from '../program.ts';

/**
 * Operators of a program that another thread can run, as a program of their plans alone: whole rules and views, with all that
 * they read.
 */
export interface ProgramPart {
  /** Of its operators. */
  readonly names: ReadonlySet<string>;
  /** By operator of the part, which it is in the whole program. */
  readonly operators: readonly number[];
  /** By operator of the part, the number of its row store in the whole program; -1: it has no window. */
  readonly stores: readonly number[];
}

/** How much work a row is for an operator that it passes, and for the join that makes it, roughly. */
const work = { single: 1, windowed: 3, joined: 6 };

export interface PartsOptions {
  /** Operators for which this is true are in the first part, with all that is connected with them. */
  readonly isFirst?: (operator: OperatorSpec) => boolean;
  /** What the thread of the first part does beside, in the same measure: rows of single-event rules. */
  readonly first_work?: number;
}

/**
 * Splits a program into at most so many parts that know nothing of each other: no row store, view, join or table is in two of
 * them, and all rules with RISK are in one, because their scores add up. So each part decides what the whole program would,
 * bounds included; in which order is said by place-order.ts.
 * With work beside its rules the first part may be left with none.
 * @param rows by rule and view: how many rows passed its WHERE in some sample of the events, so that parts are equally much work
 */
export function partsOf(
  program: Program,
  most: number,
  rows: ReadonlyMap<string, number>,
  { isFirst = () => false, first_work = 0 }: PartsOptions = {},
): readonly ProgramPart[] {
  const groups = connected(program).map((operators) => ({
    operators,
    weight: operators.reduce((sum, index) => sum + workOf(program, index, rows), 0),
    is_first: operators.some((index) => isFirst(program.operators[index])),
  }));
  groups.sort((a, b) => b.weight - a.weight || a.operators[0] - b.operators[0]);
  const others = groups.filter(({ is_first }) => !is_first).length;
  // The first one is there for its other work, or for what must be in it; of the others none is empty.
  const count = Math.min(most, others + (first_work > 0 || others < groups.length ? 1 : 0));
  const parts = Array.from({ length: count }, () => ({ operators: [] as number[], weight: 0 }));
  if (count > 0) parts[0].weight = first_work;
  const give = (part: (typeof parts)[number], { operators, weight }: (typeof groups)[number]): void => {
    part.operators.push(...operators);
    part.weight += weight;
  };
  for (const group of groups) if (group.is_first) give(parts[0], group);
  for (const group of groups) {
    if (group.is_first) continue;
    give(
      parts.reduce((least, part) => (part.weight < least.weight ? part : least)),
      group,
    );
  }
  const stores = storeNumbers(program);
  return parts.map(({ operators }) => partOf(program, operators, stores));
}

/**
 * The same parts again, by the rules and views of each (`names` of ProgramPart). null where they are no parts of the program:
 * an operator is in none or in two, what must stay together is not, or what must be in the first part is in another.
 */
export function partsOfNames(
  program: Program,
  names: readonly (readonly string[])[],
  { isFirst = () => false }: Pick<PartsOptions, 'isFirst'> = {},
): readonly ProgramPart[] | null {
  const stores = storeNumbers(program);
  const wanted = names.map((own) => new Set(own));
  const placesOf = (index: number): number[] => {
    return wanted.flatMap((own, place) => (own.has(program.operators[index].name) ? [place] : []));
  };
  const fits = connected(program).every((operators) => {
    const places = operators.map(placesOf);
    const [place] = places[0];
    const mayBe = place === 0 || !operators.some((index) => isFirst(program.operators[index]));
    return mayBe && places.every((of) => of.length === 1 && of[0] === place);
  });
  if (!fits) return null;
  return wanted.map((own) => {
    const operators = program.operators.flatMap(({ name }, index) => (own.has(name) ? [index] : []));
    return partOf(program, operators, stores);
  });
}

function partOf(program: Program, operators: number[], stores: ReadonlyMap<number, number>): ProgramPart {
  operators.sort((a, b) => a - b);
  const names = new Set(operators.map((index) => program.operators[index].name));
  return { operators, names, stores: operators.map((index) => stores.get(index) ?? -1) };
}

/** By operator, the number of its row store; those without a window have none. */
function storeNumbers({ streams, operators }: Program): Map<number, number> {
  const placed = operators.map((spec, index) => ({ index, position: index, spec }));
  const stores = streams.flatMap((_, stream) => {
    return storesOf(placed.filter(({ spec }) => spec.input === stream && spec.key !== null));
  });
  return new Map(stores.flatMap((own, store) => own.map(({ index }) => [index, store] as const)));
}

/** Operators that must stay together, each group rising. */
function connected(program: Program): number[][] {
  const groups = new Groups();
  const stores = storeNumbers(program);
  program.streams.forEach((_, stream) => {
    for (const side of joinedStreams(program, stream)) if (side > 0) groups.join(`stream ${stream}`, `stream ${side}`);
  });
  program.operators.forEach(({ name, input, output_stream, risk, table }, index) => {
    const own = `rule ${name}`;
    groups.join(own, own);
    if (input > 0) groups.join(own, `stream ${input}`);
    if (output_stream > 0) groups.join(own, `stream ${output_stream}`);
    if (stores.has(index)) groups.join(own, `store ${stores.get(index)}`);
    if (risk !== undefined) groups.join(own, 'risk');
    // Rows of tables leave in one order.
    if (table !== undefined) groups.join(own, 'tables');
  });
  const all = program.operators.map((_, index) => index);
  return [...Map.groupBy(all, (index) => groups.of(`rule ${program.operators[index].name}`)).values()];
}

/** Things by name, in groups. */
class Groups {
  readonly #above = new Map<string, string>();

  of(name: string): string {
    const above = this.#above.get(name) ?? name;
    if (above === name) return name;
    const root = this.of(above);
    this.#above.set(name, root);
    return root;
  }

  join(one: string, other: string): void {
    const [a, b] = [this.of(one), this.of(other)];
    if (a !== b) this.#above.set(b, a);
  }
}

/** An operator of which the sample has no row is work all the same, if little. */
function workOf(program: Program, index: number, rows: ReadonlyMap<string, number>): number {
  const { name, key, input } = program.operators[index];
  const each = (key === null ? work.single : work.windowed) + work.joined * joinedStreams(program, input).length;
  return each * (1 + (rows.get(name) ?? 0));
}
