import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FilePort, nodeFiles } from '../../../connectors/files/file-port.ts';
import { LogReader } from '../../../connectors/log/log-reader.ts';
import { SEGMENT_HEADER_BYTES } from '../../../connectors/log/segment-format.ts';
import { SegmentLog } from '../../../connectors/log/segment-log.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';
import { record } from './entries.ts';

/** The real files, which count the bytes that are asked for. */
function counting(): { readonly files: FilePort; readonly asked: number[] } {
  const asked: number[] = [];
  const files: FilePort = {
    ...nodeFiles,
    open: async (path, mode) => {
      const file = await nodeFiles.open(path, mode);
      return {
        ...file,
        read: (into, offset) => {
          asked.push(into.length);
          return file.read(into, offset);
        },
      };
    },
  };
  return { files, asked };
}

test('who opens a segment for what its header says reads no more than that', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const log = await SegmentLog.open({ directory });
  await log.append([record('one')]);
  await log.close();
  const { files, asked } = counting();
  const reader = new LogReader(directory, files);
  const segment = await reader.openSegment(0);
  assert.equal(segment.header.first_position, 0);
  assert.deepEqual(asked, [SEGMENT_HEADER_BYTES]);
  assert.equal((await segment.batchAt(SEGMENT_HEADER_BYTES))?.count, 1);
  await segment.close();
});
