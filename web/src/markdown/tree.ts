/**
 * Markdown as a tree of elements from a short list of tags. No HTML is read and none is made: what stands in a text can only
 * become elements and attributes that are named here, whatever it holds.
 */
import MarkdownIt from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import { maths } from './maths';

export interface TreeElement {
  tag: string;
  attributes: Record<string, string>;
  children: TreeNode[];
}

/** A block of code; it is shown with its language and a way to copy it. */
export interface CodeBlock {
  code: string;
  language: string;
}

/** A formula, as it was written between its marks. */
export interface Formula {
  formula: string;
  isBlock: boolean;
}

export type TreeNode = string | TreeElement | CodeBlock | Formula;

const SAFE_LINK = /^(https?:|mailto:)/i;
/** Deeper nesting is shown as text at this depth. */
const MAX_NESTING = 40;

export const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false, maxNesting: MAX_NESTING });
markdown.use(cjkFriendly);
markdown.use(maths);
markdown.validateLink = (address) => SAFE_LINK.test(address.trim());
// Only what is written as an address becomes a link: `readme.md` is no site.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

const TAGS = new Set([
  'p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'hr', 'br', 'em', 'strong', 's', 'a', 'code',
  'table', 'thead', 'tbody', 'tr', 'th', 'td',
]);

export const element = (tag: string, attributes: Record<string, string> = {}, children: TreeNode[] = []): TreeElement => ({
  tag,
  attributes,
  children,
});

type Token = ReturnType<typeof markdown.parse>[number];

/** The tree of a text's tokens. */
export function treeOf(tokens: Token[]): TreeNode[] {
  const top = element('div');
  const open: TreeElement[] = [top];
  const add = (node: TreeNode) => open.at(-1)?.children.push(node);
  for (const token of tokens) {
    if (token.nesting === 1) {
      const made = opened(token);
      add(token.tag === 'table' ? element('div', { class: 'table', tabindex: '0' }, [made]) : made);
      open.push(made);
    } else if (token.nesting === -1) {
      if (open.length > 1) open.pop();
    } else if (token.type === 'inline') {
      for (const node of treeOf(token.children ?? [])) add(node);
    } else {
      // A paragraph in a tight list is hidden and has only its text.
      add(leaf(token));
    }
  }
  return top.children;
}

function opened(token: Token): TreeElement {
  if (token.hidden) return element('span');
  if (!TAGS.has(token.tag)) return element('span');
  return element(token.tag, attributesOf(token));
}

function attributesOf(token: Token): Record<string, string> {
  if (token.tag === 'a') {
    const address = String(token.attrGet('href') ?? '');
    if (!SAFE_LINK.test(address)) return {};
    const title = token.attrGet('title');
    return { href: address, target: '_blank', rel: 'noopener noreferrer nofollow', ...(title ? { title: String(title) } : {}) };
  }
  if (token.tag === 'ol') {
    const start = token.attrGet('start');
    return start === null ? {} : { start: String(start) };
  }
  if (token.tag === 'th' || token.tag === 'td') {
    const side = /text-align:(left|center|right)/.exec(String(token.attrGet('style') ?? ''))?.[1];
    return side ? { class: `align-${side}` } : {};
  }
  return {};
}

function leaf(token: Token): TreeNode {
  switch (token.type) {
    case 'fence':
    case 'code_block':
      return { code: token.content.replace(/\n$/, ''), language: languageOf(token.info) };
    case 'code_inline':
      return element('code', {}, [token.content]);
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return element('br');
    case 'hr':
      return element('hr');
    case 'image':
      return picture(token);
    case 'maths':
      return { formula: token.content, isBlock: token.markup === 'block' };
    default:
      return token.content;
  }
}

/** A remote picture would tell its server that this was read: what is shown is a link to it. */
function picture(token: Token): TreeNode {
  const address = String(token.attrGet('src') ?? '');
  const name = token.content || address;
  if (!SAFE_LINK.test(address)) return name;
  return element('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow', class: 'picture-link' }, [name]);
}

function languageOf(info: string): string {
  return /^[\w+#.-]{1,32}/.exec(info.trim())?.[0] ?? '';
}
