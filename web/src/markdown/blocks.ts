/**
 * A text that grows, as blocks of Markdown of which only the last one can still change: all others are parsed once, however
 * long the text becomes. Parts of it that stand in one block of code aren't even parsed, only added.
 */
import { markdown, treeOf, type CodeBlock, type TreeNode } from './tree';

export interface BlockChange {
  /** How many blocks, from the first one on, are as they were. */
  kept: number;
  /** All others. */
  added: TreeNode[];
}

export class GrowingMarkdown {
  #text = '';
  /** Where the last block begins. */
  #tailStart = 0;
  #settled = 0;
  /** Definitions of links in settled blocks. */
  #environment: Record<string, unknown> = {};
  #openCode: { block: CodeBlock; fence: string; length: number } | undefined;

  /** Takes the text as it is now. If it isn't what it was and more, everything begins anew. */
  take(text: string): BlockChange {
    if (!text.startsWith(this.#text)) this.#reset();
    const grown = text.slice(this.#text.length);
    this.#text = text;
    const code = this.#openCode;
    if (code && !grown.includes('\r') && !mayEnd(text, code.length, code.fence)) {
      code.block = { ...code.block, code: code.block.code + asParsed(grown) };
      code.length = text.length;
      return { kept: this.#settled, added: [code.block] };
    }
    return this.#parseTail();
  }

  #reset(): void {
    this.#text = '';
    this.#tailStart = 0;
    this.#settled = 0;
    this.#environment = {};
    this.#openCode = undefined;
  }

  #parseTail(): BlockChange {
    const kept = this.#settled;
    const tail = this.#text.slice(this.#tailStart);
    // What is defined in the tail may not be complete, and the first definition of a name counts.
    const references = { ...(this.#environment['references'] as object | undefined) };
    const tokens = markdown.parse(tail, { references });
    const starts = tokens.flatMap((token, at) => (token.level === 0 && token.nesting >= 0 && token.map ? [at] : []));
    const blocks = starts.map((start, at) => tokens.slice(start, starts[at + 1]));
    const last = blocks.at(-1);
    this.#settle(tail, blocks.map((block) => offsetOfLine(tail, block[0]?.map?.[0] ?? 0)));
    const added = blocks.flatMap((block) => treeOf(block));
    this.#rememberCode(last?.[0], added.at(-1));
    return { kept, added };
  }

  /** Goes past the blocks that can't change any more, given where each begins. */
  #settle(tail: string, offsets: number[]): void {
    const end = offsets.at(-1) ?? 0;
    // A line that isn't complete may yet turn out to go on with the block before: `3` with `3. three`.
    const settled = tail.includes('\n', end) ? offsets.length - 1 : offsets.length - 2;
    const start = offsets[settled];
    if (settled < 1 || start === undefined) return;
    markdown.parse(tail.slice(0, start), this.#environment);
    this.#tailStart += start;
    this.#settled += settled;
  }

  /** Notes that the text ends within a block of code, so that what comes next belongs to it. */
  #rememberCode(token: { type: string; markup: string } | undefined, node: TreeNode | undefined): void {
    this.#openCode = undefined;
    if (token?.type !== 'fence' || typeof node !== 'object' || !('code' in node)) return;
    const tail = this.#text.slice(this.#tailStart);
    const lines = tail.split('\n');
    // A fence of spaces takes them off its lines, and a first line that isn't complete may yet become longer.
    const isPlain = tail.startsWith(token.markup) && lines.length > 2;
    const isClosed = lines.slice(1).some((line) => isClosing(line, token.markup));
    if (!isPlain || isClosed || tail.endsWith('\n')) return;
    this.#openCode = { block: node, fence: token.markup, length: this.#text.length };
  }
}

function isClosing(line: string, fence: string): boolean {
  const mark = fence[0] ?? '`';
  const trimmed = line.trim();
  return trimmed.length >= fence.length && [...trimmed].every((character) => character === mark);
}

/** Whether the lines from the one that is complete at `length` on could end the block. */
function mayEnd(text: string, length: number, fence: string): boolean {
  const lineStart = text.lastIndexOf('\n', length - 1) + 1;
  return text.endsWith('\n') || text.slice(lineStart).split('\n').some((line) => isClosing(line, fence));
}

/** What grows in a block of code, as the parser would have it. */
function asParsed(grown: string): string {
  return grown.replaceAll('\0', '\uFFFD');
}

function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let count = 0; count < line; count += 1) offset = text.indexOf('\n', offset) + 1;
  return offset;
}
