import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';
import { WeirProcess } from './weir-process.ts';

/** A real Weir on the `rules` of a fresh folder that holds these files; both are gone with the test. */
export async function weirInFolder(
  context: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; readonly data: string; readonly weir: WeirProcess; readonly token: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-in-folder-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const data = join(folder, 'data');
  const weir = await WeirProcess.start([join(folder, 'rules')], data);
  atEnd(context, () => weir.end('SIGKILL'));
  return { folder, data, weir, token: readFileSync(join(data, 'token'), 'utf8').trim() };
}
