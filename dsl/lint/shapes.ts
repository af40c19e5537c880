import { type Checked, identity } from '../check/checked.ts';
import { canonicalCidr, isInNetwork } from '../functions/address.ts';

type Call = Extract<Checked, { kind: 'call' }>;

/** What a condition says of a text or an address that no set or range of values says: how it begins, where it lies. */
export type Shape =
  | { readonly kind: 'network'; readonly cidr: string }
  | { readonly kind: 'beginning' | 'end'; readonly text: string };

/** The shapes of what a call speaks of when it is true; none for other calls. */
export function shapesOf({ function: name, arguments: given }: Call): readonly Shape[] {
  const [, second, ...others] = given;
  if (second?.kind !== 'literal' || typeof second.value !== 'string' || others.length > 0) return [];
  const { value } = second;
  switch (name) {
    case 'in_cidr': {
      const cidr = canonicalCidr(value);
      return cidr === null ? [] : [{ kind: 'network', cidr }];
    }
    case 'starts_with':
      return [{ kind: 'beginning', text: value }];
    case 'ends_with':
      return [{ kind: 'end', text: value }];
    case 'like': {
      const beginning: Shape = { kind: 'beginning', text: value.replace(/[%_\\].*$/s, '') };
      // Behind a backslash a % may stand for itself.
      return value.includes('\\') ? [beginning] : [beginning, { kind: 'end', text: value.replace(/^.*[%_]/s, '') }];
    }
    default:
      return [];
  }
}

/** Whether no value has both shapes. */
export function areApart(a: Shape, b: Shape): boolean {
  if (a.kind === 'network') return b.kind === 'network' && !overlap(a.cidr, b.cidr) && !overlap(b.cidr, a.cidr);
  if (b.kind === 'network' || a.kind !== b.kind) return false;
  return a.kind === 'beginning'
    ? !a.text.startsWith(b.text) && !b.text.startsWith(a.text)
    : !a.text.endsWith(b.text) && !b.text.endsWith(a.text);
}

/** Of two networks one lies in the other, or they have nothing in common: the first address says which. */
function overlap(inner: string, outer: string): boolean {
  return isInNetwork(inner.slice(0, inner.indexOf('/')), outer) !== false;
}

/** Of which expression a call says its shapes. */
export function subjectOf({ arguments: given }: Call): string | null {
  const [subject] = given;
  return subject === undefined || subject.kind === 'literal' ? null : identity(subject);
}
