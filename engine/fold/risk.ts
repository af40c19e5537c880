import { sha256Hex } from '../decode/sha256.ts';
import { contentHash } from '../decode/text-hash.ts';
import type { Detection, DetectionRisk } from '../detection.ts';
import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import type { StoreLimits } from './store-limits.ts';

const utf8 = new TextEncoder();

/** What is left of an entity's score below this counts as nothing, so that an entity can be forgotten. */
const FAINT = 0.001;

/** A longer entity is remembered by its hash, so that what is kept of it does not depend on what users write. */
const MOST_ENTITY_CHARACTERS = 64;

/** At most, of an entity with its name and its place in the table (V8), and of each half-life that it has scores of. */
export const ENTITY_BYTES = 200;
const SCORE_BYTES = 8;

/** The scores of one entity as of a time, one for each different half-life. */
interface Entity {
  readonly scores: Float64Array;
  at: number;
}

/**
 * Thousandths: what lies behind them is rounding, and no reader's business. Twelve digits first, so that half a
 * thousandth is half a thousandth, however many steps of decay led to it.
 */
function inThousandths(score: number): number {
  return Math.round(Number((score * 1000).toPrecision(12))) / 1000;
}

/**
 * RISK (language.md): what detections add to the score of an entity, each decaying by half in its rule's half-life of
 * event time. It sees detections one by one in total order, so scores are equal for the equal set of rules (S6,
 * context). An entity is of one tenant and one type. Suppressed detections add nothing, and rules in MODE shadow
 * neither. Bounded per key group of the entity: beyond the bound the one that was silent longest goes, counted.
 */
export class Risk {
  readonly #program: Program;
  readonly #limits: StoreLimits;
  /** The different half-lives of the program, from the shortest. */
  readonly #half_lives: readonly number[];
  /** By key group; in each, entities in the order in which their scores last rose. */
  readonly #groups = new Map<number, Map<string, Entity>>();
  #held = 0;
  #dropped = 0;

  constructor(program: Program, limits: StoreLimits) {
    this.#program = program;
    this.#limits = limits;
    const all = program.operators.flatMap(({ risk }) => (risk === undefined ? [] : [risk.half_life_ms]));
    this.#half_lives = [...new Set(all)].sort((a, b) => a - b);
  }

  /** What the detection adds, and the entity's score with it. null: the rule has no RISK, or the entity is NULL. */
  of(detection: Detection): DetectionRisk | null {
    const { risk, metadata } = this.#program.operators[detection.operator];
    if (risk === undefined) return null;
    const { type, id: reference } = risk.entity;
    const id = (reference.from === 'key' ? detection.key : detection.values)[reference.index];
    if (id === null) return null;
    const value = risk.score(detection);
    const counts = detection.suppressed_by === null && metadata.mode !== 'shadow';
    const added = counts && typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 0;
    const text = JSON.stringify([detection.tenant, type, id]);
    const key = text.length > MOST_ENTITY_CHARACTERS ? sha256Hex(utf8.encode(text)) : text;
    const score = this.#add(key, this.#half_lives.indexOf(risk.half_life_ms), added, detection.decided_at);
    return { entity: { type, id }, added, score: inThousandths(score) };
  }

  #add(key: string, half_life: number, added: number, now: number): number {
    const number = (contentHash(key) >>> 0) % this.#limits.key_groups;
    const group = this.#groups.get(number) ?? new Map<string, Entity>();
    let entity = group.get(key);
    if (entity !== undefined && this.#decay(entity, now) < FAINT) {
      this.#forget(group, key);
      entity = undefined;
    }
    if (added === 0) return entity === undefined ? 0 : sum(entity.scores);
    this.#groups.set(number, group);
    if (entity === undefined) {
      if (group.size >= this.#limits.risk_entities_per_group) this.#makeRoom(group, now);
      entity = { scores: new Float64Array(this.#half_lives.length), at: now };
      this.#held++;
    } else group.delete(key);
    group.set(key, entity);
    this.#forgetOldest(group, now);
    entity.scores[half_life] += added;
    return sum(entity.scores);
  }

  /** The entity's scores as of now; their sum. */
  #decay(entity: Entity, now: number): number {
    const passed = now - entity.at;
    if (passed > 0) {
      for (let i = 0; i < entity.scores.length; i++) entity.scores[i] *= 2 ** (-passed / this.#half_lives[i]);
      entity.at = now;
    }
    return sum(entity.scores);
  }

  /** Two entities at most, those that were silent longest, where they have become faint: more go than come. */
  #forgetOldest(group: Map<string, Entity>, now: number): void {
    for (let left = 2; left > 0; left--) {
      const [oldest] = group;
      if (oldest[1].at >= now || this.#leftOf(oldest[1], now) >= FAINT) return;
      this.#forget(group, oldest[0]);
    }
  }

  /** The entity's score at a time, which stays as it is. */
  #leftOf({ scores, at }: Entity, now: number): number {
    let left = 0;
    for (let i = 0; i < scores.length; i++) left += scores[i] * 2 ** (-(now - at) / this.#half_lives[i]);
    return left;
  }

  /** Forgets what has become faint; if nothing has, the entity that was silent longest goes, counted. */
  #makeRoom(group: Map<string, Entity>, now: number): void {
    for (const [key, entity] of group) if (this.#leftOf(entity, now) < FAINT) this.#forget(group, key);
    if (group.size < this.#limits.risk_entities_per_group) return;
    const [oldest] = group.keys();
    this.#forget(group, oldest);
    this.#dropped++;
  }

  #forget(group: Map<string, Entity>, key: string): void {
    group.delete(key);
    this.#held--;
  }

  /** Entities that went because of risk_entities_per_group. */
  get dropped(): number {
    return this.#dropped;
  }

  get bytes(): number {
    return this.#held * (ENTITY_BYTES + SCORE_BYTES * this.#half_lives.length);
  }

  snapshot(): Snapshot {
    const entities = [...this.#groups.values()].flatMap((group) => [...group]);
    return {
      keys: entities.map(([key]) => key),
      at: Float64Array.from(entities, ([, { at }]) => at),
      scores: Float64Array.from(entities.flatMap(([, { scores }]) => [...scores])),
      dropped: this.#dropped,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { keys: string[]; at: Float64Array; scores: Float64Array; dropped: number };
    const width = this.#half_lives.length;
    this.#groups.clear();
    // Within a group the order is kept; which group stands first does not matter.
    from.keys.forEach((key, i) => {
      const number = (contentHash(key) >>> 0) % this.#limits.key_groups;
      const group = this.#groups.get(number) ?? new Map<string, Entity>();
      this.#groups.set(number, group);
      group.set(key, { scores: from.scores.slice(i * width, (i + 1) * width), at: from.at[i] });
    });
    this.#held = from.keys.length;
    this.#dropped = from.dropped;
  }
}

function sum(scores: Float64Array): number {
  let total = 0;
  for (const score of scores) total += score;
  return total;
}
