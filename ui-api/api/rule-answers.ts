import { DeployConflict } from '../deploy/deploy-conflict.ts';
import type { RuleDesk } from '../deploy/rule-desk.ts';
import type { GateRefused } from '../deploy/rule-gate.ts';
import { ApiError } from './problem.ts';

/** The part of the address that names a rule. */
export const nameParameter = { name: { type: 'string', maxLength: 200, description: 'name of the rule' } };

export function deskOf(rules: RuleDesk | null): RuleDesk {
  if (rules !== null) return rules;
  throw new ApiError('conflict', 'this Weir has no rule files', 'start it by `weir run` with a folder of rules');
}

export async function asConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeployConflict)) throw error;
    throw new ApiError('conflict', error.message, error.hint);
  }
}

export function asRefusal({ code, message, hint, details }: GateRefused): ApiError {
  return new ApiError(code, message, hint, {}, { details });
}

export function noSuchRule(name: string): ApiError {
  return new ApiError('not_found', `no rule is named ${JSON.stringify(name)}`, 'GET /v1/rules lists them');
}
