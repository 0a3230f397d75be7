/**
 * What ties the first view together: the page preloads the place that most people open, and the service worker knows the
 * build that it belongs to, so that browsers notice a new one.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const PRELOADED_CHUNK = 'ChatPlace';

export function shell(): Plugin {
  return {
    name: 'shell',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunk = Object.values(bundle ?? {}).find((file) => file.type === 'chunk' && file.name === PRELOADED_CHUNK);
        if (!chunk) throw new Error(`the build has no chunk ${PRELOADED_CHUNK} to preload`);
        const link = `<link rel="modulepreload" crossorigin href="./${chunk.fileName}">`;
        return html.replace('</head>', `  ${link}\n</head>`);
      },
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const names = Object.keys(bundle).sort().join('\n');
        const build = createHash('sha256').update(names).digest('hex').slice(0, 12);
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') throw new Error('the build has no service worker');
        worker.code = worker.code.replaceAll('__BUILD__', JSON.stringify(build));
      },
    },
  };
}
