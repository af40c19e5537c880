import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));

/** Another state of the code, to be measured beside this one. */
export interface Checkout {
  readonly folder: string;
  /** Takes away what was made for it. */
  close(): void;
}

/**
 * `base`: a folder with a checkout that can run, or a revision that git knows, which is laid out in a temporary folder
 * with the packages of this checkout. Throws where it is neither.
 */
export function checkoutOf(base: string): Checkout {
  if (existsSync(join(base, 'benchmarks', 'contestant.ts'))) return { folder: resolve(base), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'weir-base-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: here, encoding: 'utf8', stdio: 'pipe' });
  try {
    git('worktree', 'add', '--detach', '--force', folder, base);
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
    const said = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new Error(
      `--compare ${base}: neither a folder with a checkout of Weir nor a revision that git knows: ${said}`,
    );
  }
  return {
    folder,
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      git('worktree', 'prune');
    },
  };
}
