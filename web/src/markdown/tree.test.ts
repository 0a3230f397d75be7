/** What hostile text becomes: text. */
import { describe, expect, it } from 'vitest';
import { markdown, treeOf, type TreeNode } from './tree';

const tree = (text: string) => treeOf(markdown.parse(text, {}));

function elements(nodes: TreeNode[]): { tag: string; attributes: Record<string, string> }[] {
  return nodes.flatMap((node) => (typeof node === 'object' && 'tag' in node ? [node, ...elements(node.children)] : []));
}

describe('hostile text', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[a](javascript:alert(1))',
    '[a](  JaVaScRiPt:alert(1))',
    '[a](data:text/html,x)',
    '[a](vbscript:x)',
    '![a](data:image/svg+xml,x)',
    '[a]: javascript:alert(1)\n\n[a]',
    '<javascript:alert(1)>',
    '<a href="//a.example" onclick="x">b</a>',
  ])('%s makes no link and no script', (text) => {
    for (const { tag, attributes } of elements(tree(text))) {
      expect(['p', 'span', 'code']).toContain(tag);
      expect(attributes).toEqual({});
    }
  });

  it('gets remote pictures as links, which load nothing', () => {
    const [, link] = elements(tree('![a cat](https://a.example/cat.png)'));
    expect(link).toMatchObject({ tag: 'a', attributes: { href: 'https://a.example/cat.png' } });
  });
});
