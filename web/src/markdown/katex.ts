/** KaTeX, in a chunk of its own: formulas as a tree of MathML, without fonts, styles or anything that a formula could link to. */
import katex from 'katex';

interface TreeRenderer {
  __renderToDomTree(formula: string, options: object): object;
}

export function mathTree(formula: string, isBlock: boolean): object {
  const options = { displayMode: isBlock, output: 'mathml', throwOnError: true, strict: 'ignore', trust: false, maxExpand: 500, maxSize: 20 };
  return (katex as unknown as TreeRenderer).__renderToDomTree(formula, options);
}
