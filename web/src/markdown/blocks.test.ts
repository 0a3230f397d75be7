/** A text that comes in pieces ends as the same blocks as one that is there at once. */
import { describe, expect, it } from 'vitest';
import { GrowingMarkdown } from './blocks';
import type { TreeNode } from './tree';

const TEXTS = [
  'One paragraph\nof two lines.\n\nAnother one.',
  '# Heading\n\nText\n===\n\n- a\n- b\n\n  more of b\n- c\n\nend',
  '1. one\n2. two\n\n   ```rust\n   fn main() {}\n   ```\n3. three',
  'before\n\n```js\nconst a = `b`;\n\n\n``\n  ```x\nlast\n```\nafter\n\n~~~\ntilde ``` inside\n~~~\n',
  '| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nafter the table',
  '> quoted\n> - list\n>\n> more\n\n    indented\n\n    code\n\n---\n\n[a](https://a.example) [b](javascript:x)',
  '[a]: https://a.example\n\nSee [a], **bold *and* more** and `code`.\n\n```\nnever closed\n\n',
  'متن فارسی **پررنگ**\n\n中文**加粗**文字\n\n~~gone~~ <script>x</script> &amp; https://a.example/?a=b&c',
];

function inPieces(text: string, sizes: () => number): TreeNode[] {
  const growing = new GrowingMarkdown();
  let blocks: TreeNode[] = [];
  for (let end = 0; end < text.length; ) {
    end = Math.min(end + sizes(), text.length);
    const { kept, added } = growing.take(text.slice(0, end));
    blocks = [...blocks.slice(0, kept), ...added];
  }
  return blocks;
}

/** Numbers that look random and are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fffffff);
}

describe('a growing text', () => {
  it.each([...TEXTS.entries()])('%i is the same in any pieces', (_, text) => {
    const whole = inPieces(text, () => text.length);
    expect(inPieces(text, () => 1)).toEqual(whole);
    for (let seed = 1; seed <= 60; seed += 1) {
      const next = numbers(seed);
      expect(inPieces(text, () => 1 + (next() % 17))).toEqual(whole);
    }
  });

  it('parses a block of code of a megabyte without reading it again each time', () => {
    const growing = new GrowingMarkdown();
    let text = '```\n';
    const began = performance.now();
    for (let piece = 0; piece < 500; piece += 1) {
      text += `${'a line of code that goes on\n'.repeat(75)}and `;
      growing.take(text);
    }
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('begins anew with another text', () => {
    const growing = new GrowingMarkdown();
    growing.take('a\n\nb\n\nc');
    expect(growing.take('x\n\ny')).toMatchObject({ kept: 0, added: [{ tag: 'p' }, { tag: 'p' }] });
  });
});
