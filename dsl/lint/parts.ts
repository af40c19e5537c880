import type { Checked } from '../check/checked.ts';

/** The direct parts of a checked expression. */
export function partsOfChecked(e: Checked): readonly Checked[] {
  switch (e.kind) {
    case 'call':
    case 'and':
    case 'or':
      return e.arguments;
    case 'not':
    case 'is_null':
      return [e.argument];
    case 'in':
      return [e.argument, ...e.list];
    case 'case': {
      const branches = e.branches.flatMap(({ when, result }) => [when, result]);
      return e.otherwise === null ? branches : [...branches, e.otherwise];
    }
    case 'aggregate':
      return [e.argument, e.filter].filter((part) => part !== null);
    default:
      return [];
  }
}
