import { type LoadedRules, type OperatorPlan, type ProgramPlan, printOperatorPlan } from '../../dsl/index.ts';
import type { WentLive } from '../live/go-live.ts';
import { askGate } from './ask-gate.ts';
import { DeployConflict } from './deploy-conflict.ts';
import { testPathOf, writeWhole } from './rule-files.ts';
import type { GateAnswer, GatePassed, GateRefused } from './rule-gate.ts';
import { mustBeFree, newPlace, placeOnDisk, type RulePlace } from './rule-place.ts';
import { applyRemoval, planRemoval, type Removed, type RuleRemoval } from './rule-removal.ts';
import type { TestedRule } from './rule-tests.ts';
import type { RuleVersion, RuleVersions } from './rule-versions.ts';
import { filesOnDisk, type TakenOver, takeOverWithin } from './take-over.ts';

/** The rules of a running Weir, as they were loaded. */
export interface LoadedFiles {
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** What was asked for: rule files and folders. */
  readonly paths: readonly string[];
  readonly plan: ProgramPlan;
  readonly loaded: LoadedRules;
}

/** What somebody wants to deploy, or to have checked. */
export interface RuleChange {
  readonly rule: string;
  readonly text: string;
  /** The text of its test file; absent: the one that is there stays. */
  readonly tests?: string | undefined;
  /** The folder of a new rule, below the first folder of rules; absent: that folder itself. */
  readonly pack?: string | undefined;
  /** The plan hash that it replaces; another one is a conflict. Absent: whatever is there. */
  readonly replaces?: string | undefined;
  readonly because?: string | undefined;
}

export interface Deployed {
  readonly rule: string;
  readonly plan_hash: string;
  readonly path: string;
  readonly tests: number;
  readonly warnings: readonly object[];
  /** Whether it runs, since when, or what is needed for that. */
  readonly taken_over: TakenOver;
}

/** Makes rules take over from those that run. @throws CannotGoLive */
export type GoLive = (files: LoadedFiles) => Promise<WentLive>;

/** Lists rules and deploys them: check and tests as a gate, then the files, then the list of versions. */
export class RuleDesk {
  #files: LoadedFiles;
  readonly #versions: RuleVersions;
  readonly #now_ms: () => number;
  readonly #tested: (rule: string) => TestedRule;
  #busy = false;
  #taking_over = false;
  #go_live: GoLive | null = null;

  /** @param tested what the tests of a rule that runs say; absent: they are not run */
  constructor(
    files: LoadedFiles,
    versions: RuleVersions,
    now_ms: () => number,
    tested: (rule: string) => TestedRule = () => ({ state: 'unknown', failed: [] }),
  ) {
    this.#tested = tested;
    this.#files = files;
    this.#versions = versions;
    this.#now_ms = now_ms;
    this.#keep({ how: 'start', by: null, because: null });
  }

  /** The rules that run. */
  get files(): LoadedFiles {
    return this.#files;
  }

  /** How what is deployed takes over; before it is called that is for the next start. */
  takesOver(go_live: GoLive): void {
    this.#go_live = go_live;
  }

  /** The versions of what runs, and all of it together. */
  #keep(origin: Pick<RuleVersion, 'how' | 'by' | 'because'>): void {
    const { plan, loaded } = this.#files;
    const at = new Date(this.#now_ms()).toISOString();
    // A tuned rule has one plan for each tenant that it is tuned for, and one name.
    const operators = [...new Map(plan.operators.map((operator) => [operator.name, operator])).values()];
    this.#versions.add(
      operators.map((operator) => ({
        ...{ at, rule: operator.name, ...origin, plan_hash: operator.hash, path: operator.source.path },
        ...{ severity: operator.metadata.severity, mode: operator.metadata.mode ?? '', text: this.#textOf(operator) },
      })),
    );
    const plans = plan.operators.map(({ name, hash }) => [name, hash] as const);
    const files = loaded.rules.map(({ path, text }) => ({ path, text }));
    this.#versions.addProgram({ at, plans, files });
  }

  get #rules(): OperatorPlan[] {
    // A tuned rule has one plan for each tenant that it is tuned for, and one name.
    const rules = this.#files.plan.operators.filter(({ kind }) => kind === 'rule');
    return [...new Map(rules.map((rule) => [rule.name, rule])).values()];
  }

  list(): object[] {
    return this.#rules.map((rule) => this.#summary(rule));
  }

  /** Null: no such rule runs. */
  one(name: string): object | null {
    const rule = this.#rules.find((other) => other.name === name);
    if (rule === undefined) return null;
    const tests = this.#files.loaded.tests.find(({ path }) => path === this.#testPathOf(rule.source.path));
    const { metadata, params } = rule;
    return {
      ...this.#summary(rule),
      ...{ description: metadata.description, runbook: metadata.runbook, references: metadata.references },
      params: params.map(({ name: param, type, value, least, greatest }) => ({
        name: param,
        type,
        value,
        least,
        greatest,
      })),
      text: this.#textOf(rule),
      plan: printOperatorPlan(rule),
      tests: tests === undefined ? null : { path: tests.path, text: tests.text },
    };
  }

  /** Whether a rule runs, or stands in a file on disk. @throws DeployConflict where it stands in several */
  knows(name: string): boolean {
    return this.#rules.some((rule) => rule.name === name) || placeOnDisk(name, undefined, this.#files) !== null;
  }

  /** The latest first; [] when there never was such a rule. */
  versions(name: string): RuleVersion[] {
    return this.#versions.of(name);
  }

  #summary(rule: OperatorPlan): object {
    const { name, hash, source, metadata } = rule;
    const { severity, confidence, attack, tags, mode = 'live' } = metadata;
    const [latest] = this.#versions.of(name);
    // Deployed, and not what runs; a severity is in the text and not in the plan's hash.
    const isOther = latest !== undefined && (latest.plan_hash !== hash || latest.text !== this.#textOf(rule));
    const removes = latest?.how === 'remove';
    const next = isOther || removes ? latest : null;
    return {
      ...{ name, plan_hash: hash, path: source.path, severity, confidence, attack, tags, mode },
      tested: this.#tested(name),
      pending:
        next === null ? null : { plan_hash: next.plan_hash, at: next.at, by: next.by, ...(removes ? { removes } : {}) },
    };
  }

  #testPathOf(rule_path: string): string {
    return testPathOf(rule_path, this.#files.folder);
  }

  #textOf({ source }: OperatorPlan): string {
    return this.#files.loaded.rules.find(({ path }) => path === source.path)?.text ?? '';
  }

  /** What deploy() would say, and nothing else. @throws DeployConflict */
  async check(change: RuleChange): Promise<GateAnswer> {
    return this.#alone(() => this.#judge(change, this.#placeOf(change)));
  }

  /**
   * Puts the rule's files where they belong, when the gate lets it through, and has all rules as they are on disk then take
   * over from those that run. `before` is called when it has let it through, and before anything is written; what it throws
   * ends the deployment.
   * @throws DeployConflict
   */
  async deploy(change: RuleChange, by: string, before: (passed: GatePassed) => void): Promise<Deployed | GateRefused> {
    return this.#alone(async () => {
      const place = this.#placeOf(change);
      const { path } = place;
      const answer = await this.#judge(change, place);
      if (!answer.passed) return answer;
      before(answer);
      writeWhole(path, this.#files.folder, change.text);
      if (change.tests !== undefined) writeWhole(this.#testPathOf(path), this.#files.folder, change.tests);
      const at = new Date(this.#now_ms()).toISOString();
      const { rule, text, because = null } = change;
      const { plan_hash, severity, mode, tests, warnings } = answer;
      this.#versions.add([{ at, rule, how: 'deploy', by, because, plan_hash, path, severity, mode, text }]);
      return { rule, plan_hash, path, tests, warnings, taken_over: await takeOverWithin(() => this.#takeOver()) };
    });
  }

  /**
   * Takes a rule out of its file (a file that holds nothing else goes, with its tests), when everything else compiles and
   * passes its tests without it, and has the rules that are left take over. `before` as in deploy(). Null: there is no such
   * rule, neither on disk nor running.
   * @throws DeployConflict
   */
  async remove(
    removal: RuleRemoval,
    by: string,
    before: (passed: GatePassed) => void,
  ): Promise<Removed | GateRefused | null> {
    const { rule, replaces, because = null } = removal;
    return this.#alone(async () => {
      const { folder, paths } = this.#files;
      const place = placeOnDisk(rule, undefined, this.#files);
      const known = this.#rules.find(({ name }) => name === rule);
      if (place === null) {
        if (known === undefined) return null;
        const why = `no file holds ${rule} any more, and it runs until other rules take over`;
        throw new DeployConflict(why, 'the next deployment or start ends it');
      }
      const plan_hash = this.#mustBeLatest(rule, replaces) ?? '';
      const planned = planRemoval(rule, place.path, folder);
      const answer = await askGate({ folder, paths, removed: rule, changed: planned.changed });
      if (!answer.passed) return answer;
      before(answer);
      applyRemoval(planned, folder);
      const { path, file, text, tests } = planned;
      const at = new Date(this.#now_ms()).toISOString();
      const { severity = 'medium', mode = '' } = known?.metadata ?? {};
      this.#versions.add([{ at, rule, how: 'remove', by, because, plan_hash, path, severity, mode, text }]);
      const { warnings } = answer;
      return {
        rule,
        plan_hash,
        path,
        file,
        text,
        tests,
        warnings,
        taken_over: await takeOverWithin(() => this.#takeOver()),
      };
    });
  }

  /** Null: nothing makes it. The desk is busy until it is over, also when nobody waits for it any more. */
  async #takeOver(): Promise<WentLive | null> {
    if (this.#go_live === null) return null;
    this.#taking_over = true;
    try {
      const files = filesOnDisk(this.#files);
      const went = await this.#go_live(files);
      this.#files = files;
      this.#keep({ how: 'start', by: null, because: null });
      return went;
    } finally {
      this.#taking_over = false;
    }
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy || this.#taking_over) {
      throw new DeployConflict('another rule is being checked or deployed', 'try again in a moment');
    }
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  #judge({ rule, text, tests }: RuleChange, { path: rule_path, rules }: RulePlace): Promise<GateAnswer> {
    const { folder, paths } = this.#files;
    const test_path = this.#testPathOf(rule_path);
    const changed = { [rule_path]: text, ...(tests === undefined ? {} : { [test_path]: tests }) };
    const beside = this.#rules.filter(({ name, source }) => source.path === rule_path && name !== rule);
    const names = new Set([...beside.map(({ name }) => name), ...rules.filter((name) => name !== rule)]);
    return askGate({ folder, paths, changed, rule, rule_path, test_path, beside: [...names] });
  }

  /** The plan hash of the latest version; null: there never was one. @throws DeployConflict where another one is meant */
  #mustBeLatest(rule: string, replaces: string | undefined): string | null {
    const [latest] = this.#versions.of(rule);
    const hash = latest?.plan_hash ?? this.#rules.find(({ name }) => name === rule)?.hash ?? null;
    if (replaces === undefined || replaces === hash) return hash;
    throw new DeployConflict(
      `it replaces ${replaces}, and the latest version is ${hash ?? 'none'}`,
      `look at the versions of ${rule}, and ask again with the hash of the latest one`,
    );
  }

  /**
   * Where the rule's file is, or will be: never outside the folder of rules. A file on disk that declares it is its file,
   * whether it runs or was written since the start.
   */
  #placeOf({ rule, pack, replaces }: RuleChange): RulePlace {
    const known = this.#rules.find(({ name }) => name === rule);
    this.#mustBeLatest(rule, replaces);
    const onDisk = placeOnDisk(rule, known === undefined ? pack : undefined, this.#files);
    if (onDisk !== null) return onDisk;
    if (known !== undefined) return { path: known.source.path, rules: [rule] };
    const path = newPlace(rule, pack, this.#files);
    mustBeFree(path, rule, this.#files);
    return { path, rules: [] };
  }
}
