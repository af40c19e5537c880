import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Paint } from '../../../ui-api/cli/output.ts';
import { printable, renderTable, textWidth } from '../../../ui-api/cli/table.ts';

const plain = new Paint(false);

test('text stands left, numbers right, and no line ends in blanks', () => {
  const text = renderTable({
    columns: [{ title: 'rule' }, { title: 'detections', align: 'right' }, { title: 'note' }],
    rows: [
      ['a', '7', ''],
      ['longer', '1,234', 'x'],
    ],
    paint: plain,
  });
  assert.equal(text, '  rule     detections   note\n  a                 7\n  longer        1,234   x');
});

test('a table wider than the terminal cuts the column that may shrink', () => {
  const text = renderTable({
    columns: [{ title: 'k', may_shrink: true }, { title: 'v' }],
    rows: [['abcdefghijklmnopqrstuvwxyz', 'value']],
    paint: plain,
    width: 24,
    headless: true,
  });
  assert.equal(text, '  abcdefghijklm…   value');
});

test('text of events cannot control the terminal or the table', () => {
  const text = renderTable({
    columns: [{ title: 'k' }],
    rows: [['a\u001b[2Jb\nc\u202ed'], [{ text: '\u001b]0;x\u0007', style: 'red' }]],
    paint: plain,
    headless: true,
  });
  assert.equal(text, '  a\\u{1b}[2Jb\\u{a}c\\u{202e}d\n  \\u{1b}]0;x\\u{7}');
  assert.equal(printable('é日本😀'), 'é日本😀');
  assert.equal(
    printable('ad\u200bm\u200din\u200f\u00ad\ufeff\u3164'),
    'ad\\u{200b}m\\u{200d}in\\u{200f}\\u{ad}\\u{feff}\\u{3164}',
  );
  const emojis = '👩‍🚀 👨🏽‍🚒 ❤️ 🏳️‍🌈';
  assert.equal(printable(emojis), emojis, 'what joins an emoji is no letter');
});

test('wide characters take two columns, combining marks none; colour does not change the width', () => {
  assert.equal(textWidth('日本'), 4);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('😀'), 2);
  const table = renderTable({
    columns: [{ title: 'a' }, { title: 'b' }],
    rows: [
      [{ text: '日', style: 'red' }, 'x'],
      ['yy', 'z'],
    ],
    paint: new Paint(true),
    headless: true,
  });
  assert.equal(table, '  \u001b[31m日\u001b[39m   x\n  yy   z');
});
