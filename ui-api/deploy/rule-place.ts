import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { loadRuleFiles } from '../../dsl/index.ts';
import { diskReader } from '../cli/rules.ts';
import { DeployConflict } from './deploy-conflict.ts';

/** A file on disk that declares a rule. */
export interface RulePlace {
  readonly path: string;
  /** Every rule that it declares. */
  readonly rules: readonly string[];
}

/** Where rules are looked for and written. */
interface RuleFolders {
  /** Folder that relative paths start from. */
  readonly folder: string;
  readonly paths: readonly string[];
}

/** The rules that stand in the files on disk, whether they run, or would compile, or not. */
export function rulesOnDisk({ folder, paths }: RuleFolders): RulePlace[] {
  const { rules } = loadRuleFiles(diskReader(folder), paths);
  return rules
    .map(({ path, text }) => ({ path, rules: declaredRules(text) }))
    .filter((place) => place.rules.length > 0);
}

/** Names of CREATE RULE in a text that need not compile; what a line comment says is none. */
export function declaredRules(text: string): string[] {
  const code = text.replaceAll(/--.*/g, '');
  return [...code.matchAll(/\bcreate\s+rule\s+"?(\w+)/gi)].map(([, name]) => name as string);
}

/**
 * The file in which a rule stands that does not run: written on disk since the start. Null: in none.
 * @throws DeployConflict where it stands in several, or in another pack than was asked for
 */
export function placeOnDisk(rule: string, pack: string | undefined, folders: RuleFolders): RulePlace | null {
  const places = rulesOnDisk(folders).filter(({ rules }) => rules.includes(rule));
  if (places.length === 0) return null;
  const names = places.map(({ path }) => path).join(' and ');
  if (places.length > 1) {
    throw new DeployConflict(`the rule ${rule} stands in ${names}`, 'remove it from all of them but one');
  }
  const [place] = places as [RulePlace];
  if (pack !== undefined && place.path !== newPlace(rule, pack, folders)) {
    const hint = `leave \`pack\` away, and ${place.path} is replaced; or move it first`;
    throw new DeployConflict(`the rule ${rule} stands in ${place.path} already`, hint);
  }
  return place;
}

/** Where the file of a new rule belongs. @throws DeployConflict where there is no such place */
export function newPlace(rule: string, pack: string | undefined, { folder, paths }: RuleFolders): string {
  const isFolder = (path: string) => statSync(resolve(folder, path), { throwIfNoEntry: false })?.isDirectory() === true;
  const root = paths.find(isFolder)?.replace(/\/+$/, '');
  if (root === undefined) {
    const why = 'Weir was started with rule files and no folder: there is no place for a new rule';
    throw new DeployConflict(why, 'start it with a folder of rules, as `weir run rules`');
  }
  const inside = pack === undefined ? root : `${root}/${pack}`;
  const at = resolve(folder, inside);
  const real_root = realpathSync(resolve(folder, root));
  const real = existsSync(at) ? realpathSync(at) : resolve(real_root, pack ?? '.');
  if (real !== real_root && !real.startsWith(real_root + sep)) {
    throw new DeployConflict(`${inside} leads out of ${root}`, 'choose another pack');
  }
  return `${inside.replace(/^(\.\/+)+(?=.)/, '')}/${rule}.rule.sql`;
}

/** @throws DeployConflict where a file is at the place of a new rule, and does not declare it */
export function mustBeFree(path: string, rule: string, { folder, paths }: RuleFolders): void {
  if (!existsSync(resolve(folder, path))) return;
  const others = rulesOnDisk({ folder, paths }).find((place) => place.path === path)?.rules ?? [];
  const what = others.length === 0 ? 'no rule' : `${others.join(', ')}, and not ${rule}`;
  throw new DeployConflict(
    `${path} is there, and declares ${what}`,
    `rename that file, or deploy ${rule} into another \`pack\``,
  );
}
