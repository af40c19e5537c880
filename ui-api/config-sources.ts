import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { closestName } from './suggest.ts';

const prefix = 'WEIR_';

/** Variables of the environment that are no settings but belong to Weir. */
const otherVariables = ['WEIR_CONFIG', 'WEIR_DEBUG', 'WEIR_NODE_CHOSEN'];

/** The settings file, by the name that it is told by. */
export interface ConfigFile {
  readonly name: string;
  readonly values: ReadonlyMap<string, unknown>;
}

/**
 * weir.json, or the file that WEIR_CONFIG names.
 * @param keys what may stand in it
 * @param problems gets what is wrong with it; null then, or where there is none
 */
export function readConfigFile(
  sources: { readonly environment: NodeJS.ProcessEnv; readonly folder: string },
  keys: readonly string[],
  problems: string[],
): ConfigFile | null {
  const named = sources.environment.WEIR_CONFIG;
  const path = resolve(sources.folder, named ?? 'weir.json');
  const name = named ?? 'weir.json';
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (named !== undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const by = named === undefined ? '' : ' (WEIR_CONFIG names it)';
      problems.push(`${name}: cannot be read: ${(error as Error).message}${by}`);
    }
    return null;
  }
  let values: unknown;
  try {
    values = JSON.parse(content);
  } catch (error) {
    problems.push(`${name}: is not JSON: ${(error as Error).message}`);
    return null;
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    problems.push(`${name}: must be a JSON object`);
    return null;
  }
  for (const key of Object.keys(values)) {
    if (!keys.includes(key)) problems.push(`${name}: unknown key ${JSON.stringify(key)}${suggestion(key, keys)}`);
  }
  return { name, values: new Map(Object.entries(values)) };
}

/** What container platforms give every process for a service whose name begins with `weir`. */
const ofPlatform = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_\w+)?)$/;

/**
 * A variable that is not known would be ignored in silence: as a key of weir.json it is an error.
 * @param variables those of the settings
 */
export function checkVariables(environment: NodeJS.ProcessEnv, variables: readonly string[], problems: string[]): void {
  const known = [...variables, ...otherVariables];
  const shown = known.filter((name) => name !== 'WEIR_NODE_CHOSEN');
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(prefix) || known.includes(name)) continue;
    const closest = closestName(
      name.slice(prefix.length),
      known.map((other) => other.slice(prefix.length)),
    );
    if (closest !== null) problems.push(`${name}: no such variable, did you mean ${prefix}${closest}?`);
    else if (!ofPlatform.test(name)) {
      problems.push(`${name}: no such variable; known are ${shown.join(', ')}`);
    }
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === null ? `; known are ${known.join(', ')}` : `, did you mean ${closest}?`;
}
