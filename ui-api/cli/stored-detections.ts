import { existsSync, statSync } from 'node:fs';
import { dataPaths } from '../config.ts';
import { searchForward } from '../records/page.ts';
import { RecordFile } from '../records/record-file.ts';
import type { StoredDetection } from '../reproduce/compare.ts';

/** All records of a detection that Weir has written into the file of a data folder, in their order; [] where there is none. */
export async function storedDetections(id: string, data: string): Promise<readonly StoredDetection[]> {
  return (await recordsWith(id, data)).filter((record) => record.id === id);
}

/** All records that have this text somewhere, as a value of its own; in their order. */
export async function recordsWith(text: string, data: string): Promise<readonly StoredDetection[]> {
  const { detections } = dataPaths(data);
  if (!existsSync(detections)) return [];
  const { size } = statSync(detections);
  const found: StoredDetection[] = [];
  await searchForward(new RecordFile(detections, () => size), size, JSON.stringify(text), (value) => {
    found.push(value as unknown as StoredDetection);
  });
  return found;
}
