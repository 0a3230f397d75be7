/** Tells the parts of code apart, off the page's thread. It answers with pieces of text, never with markup. */
import hljs from 'highlight.js/lib/core';
import type { LanguageFn } from 'highlight.js';
import type { ColouredPiece } from './colours';

type Loader = () => Promise<{ default: LanguageFn }>;

const loaders: Record<string, Loader> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  r: () => import('highlight.js/lib/languages/r'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const aliases: Record<string, string> = {
  'c++': 'cpp', cs: 'csharp', docker: 'dockerfile', golang: 'go', html: 'xml', js: 'javascript', jsx: 'javascript',
  kt: 'kotlin', md: 'markdown', py: 'python', rb: 'ruby', rs: 'rust', sh: 'bash', shell: 'bash', svg: 'xml', toml: 'ini',
  ts: 'typescript', tsx: 'typescript', yml: 'yaml', zsh: 'bash',
};

interface EmittedNode {
  scope?: string;
  children: (string | EmittedNode)[];
}

self.onmessage = async ({ data }: MessageEvent<{ id: number; code: string; language: string }>) => {
  self.postMessage({ id: data.id, pieces: await piecesOf(data.code, data.language.toLowerCase()) });
};

async function piecesOf(code: string, language: string): Promise<ColouredPiece[] | undefined> {
  const name = aliases[language] ?? language;
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (!load) return undefined;
  if (!hljs.getLanguage(name)) hljs.registerLanguage(name, (await load()).default);
  const { _emitter } = hljs.highlight(code, { language: name, ignoreIllegals: true }) as unknown as {
    _emitter: { rootNode: EmittedNode };
  };
  const pieces: ColouredPiece[] = [];
  flatten(_emitter.rootNode, undefined, pieces);
  return pieces;
}

function flatten(node: EmittedNode, scope: string | undefined, pieces: ColouredPiece[]): void {
  for (const child of node.children) {
    if (typeof child !== 'string') flatten(child, child.scope?.split('.')[0] ?? scope, pieces);
    else pieces.push(scope === undefined ? [child] : [child, scope]);
  }
}
