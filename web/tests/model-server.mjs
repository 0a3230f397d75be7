// @ts-check
/**
 * A model's server that answers by a script, for the tests of the page: what it says depends on the last message alone.
 * `node tests/model-server.mjs PORT` runs it by itself, to try the page without a model.
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** The words of the answer to `slow N`: each has its number, so that a test knows whether a text is a whole prefix. */
export function numberedWords(/** @type {number} */ count) {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(' ');
}

export const SAMPLE_MARKDOWN = `Three things decide how a retry behaves: **when** it starts, *how often* it repeats, and what it does with the \`Retry-After\` header.

## A policy that holds

1. Start after 200 ms, double each time, stop at 30 s.
2. Add jitter, so that clients don't come back in step.
3. Give up after five tries, and say so.

\`\`\`rust
/// The pause before try number \`attempt\`, without jitter.
fn pause(attempt: u32) -> Duration {
    let millis = 200u64.saturating_mul(1 << attempt.min(10));
    Duration::from_millis(millis.min(30_000))
}
\`\`\`

| try | pause | waited in all |
|---:|---:|---:|
| 1 | 200 ms | 0.2 s |
| 2 | 400 ms | 0.6 s |
| 3 | 800 ms | 1.4 s |

> A retry without a limit is a denial of service that you run against yourself.

See the [RFC on \`Retry-After\`](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after) for the details.
`;

export const HOSTILE_MARKDOWN = `<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">

[a](javascript:window.hacked=3) [b](data:text/html,<script>window.hacked=4</script>) ![c](https://tracker.invalid/pixel.png)

<svg onload="window.hacked = 5"></svg>

\`\`\`html"><img src=x onerror="window.hacked=6">
<script>window.hacked = 7</script>
\`\`\`
`;

/**
 * What the script says to a message.
 * @param {string} said
 * @returns {{text: string, reasoning?: string, pauseMillis: number, status?: number, call?: {name: string, arguments: object}}}
 */
function scriptFor(said) {
  const slow = /slow (\d+)/.exec(said);
  if (slow) return { text: numberedWords(Number(slow[1])), pauseMillis: 8 };
  if (said.includes('think')) {
    return { text: 'The answer is 42.', reasoning: 'First I look at the question. '.repeat(20), pauseMillis: 5 };
  }
  if (said.includes('markdown')) return { text: SAMPLE_MARKDOWN, pauseMillis: 2 };
  if (said.includes('hostile')) return { text: HOSTILE_MARKDOWN, pauseMillis: 0 };
  const called = /call (\w+)(?: with (.*))?/.exec(said);
  if (called) return { text: 'Let me look. ', pauseMillis: 0, call: { name: `desk__${called[1]}`, arguments: { text: called[2] ?? 'nothing' } } };
  if (said.includes('formula')) return { text: SAMPLE_MATHS, pauseMillis: 0 };
  if (said.includes('preview')) return { text: SAMPLE_PREVIEW, pauseMillis: 0 };
  if (said.includes('refuse')) return { text: '', pauseMillis: 0, status: 401 };
  return { text: `You said: ${said}`, pauseMillis: 1 };
}

export const SAMPLE_MATHS = `It costs $5 or $10, and Euler found $$e^{i\\pi} + 1 = 0$$ in one line; \\(a^2 + b^2\\) stands in the text.

\\[
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
\\]

In code it stays: \`$$x$$\`. Broken: $$\\frac{1}{$$ and \\(\\href{javascript:alert(1)}{x}\\).
`;

export const SAMPLE_PREVIEW = `\`\`\`html
<h1 id="title">A page</h1><script>document.getElementById('title').textContent = 'It runs alone'; try { parent.hacked = 1 } catch {}
fetch('https://tracker.invalid/').catch(() => {})</script>
\`\`\`
`;

/** @param {{messages: {role: string, content: unknown}[]}} request */
function lastSaid(request) {
  const content = request.messages.at(-1)?.content;
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return (text.split('</context>').at(-1) ?? '').trim();
}

/** @param {number} millis */
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/**
 * @param {import('node:http').ServerResponse} response
 * @param {ReturnType<typeof scriptFor>} script
 */
async function stream(response, script) {
  const send = (/** @type {object} */ delta, /** @type {string | null} */ finish = null) =>
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  for (const [field, text] of /** @type {const} */ ([['reasoning_content', script.reasoning ?? ''], ['content', script.text]])) {
    for (const piece of text.match(/\s*\S+\s*/g) ?? []) {
      if (response.destroyed) return;
      send({ [field]: piece });
      if (script.pauseMillis) await pause(script.pauseMillis);
    }
  }
  const { call } = script;
  if (call) send({ tool_calls: [{ index: 0, id: `call-${Date.now()}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }] });
  send({}, call ? 'tool_calls' : 'stop');
  const usage = { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 };
  response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
}

/**
 * Starts the server on a port of 127.0.0.1; 0 lets the system choose one.
 * @param {number} [port]
 */
export async function startModelServer(port = 0) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }));
      return;
    }
    const asked = JSON.parse(body);
    const isResult = asked.messages.at(-1)?.role === 'tool';
    const script = isResult ? { text: 'That is what it said.', pauseMillis: 0 } : scriptFor(lastSaid(asked));
    if (script.status) {
      response.writeHead(script.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'the key is wrong', type: 'invalid_request_error' } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await stream(response, script);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${address.port}/v1`, close: () => server.close() };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { url } = await startModelServer(Number(process.argv[2] ?? 0));
  console.log(url);
}
