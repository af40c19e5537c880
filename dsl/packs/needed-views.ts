import type { RuleFile } from './load-rules.ts';
import { parentOf } from './path.ts';

/**
 * Adds the files whose views, lookups or functions a loaded file reads and that were not asked for themselves: `weir
 * test x.rule.sql` works alone although x reads a view of its pack. Names are found in the text (a view's name as a word
 * in a loaded file): a file too many does no harm, because its rules are not among those asked for.
 */
export function addNeededViews(files: Map<string, RuleFile>, siblings: (folder: string) => readonly RuleFile[]): void {
  const folders = new Set(
    [...files.keys()].filter((path) => !path.endsWith('.stream.sql')).map((path) => parentOf(path)),
  );
  for (const folder of folders) {
    if (folder === null) continue;
    const candidates = siblings(folder).filter(({ path }) => !files.has(path));
    for (let added = true; added; ) {
      added = false;
      const declared = new Set([...files.values()].flatMap(({ text }) => declaredIn(text)));
      // Functions are called in any case of letters.
      const words = new Set([...files.values()].flatMap(({ text }) => text.toLowerCase().match(/\w+/g) ?? []));
      for (const candidate of candidates) {
        if (files.has(candidate.path)) continue;
        const isRead = namesIn(candidate.text).some((name) => words.has(name.toLowerCase()));
        if (!isRead && !isAbout(candidate.text, declared)) continue;
        files.set(candidate.path, candidate);
        added = true;
      }
    }
  }
}

/** Whether a file has an exception or TUNE for a rule or view that is loaded: without it, the rule would be another one. */
function isAbout(text: string, declared: ReadonlySet<string>): boolean {
  if (!/\bcreate\s+exception\b|\btune\s+\w/i.test(text)) return false;
  return (text.match(/\w+/g) ?? []).some((word) => declared.has(word));
}

function declaredIn(text: string): string[] {
  return [...text.matchAll(/\bcreate\s+(?:rule|view|table)\s+"?(\w+)/gi)].map((match) => match[1] as string);
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\bcreate\s+(?:view|table|lookup|function)\s+"?(\w+)/gi)].map((match) => match[1] as string);
}
