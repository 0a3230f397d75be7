// @ts-check
/**
 * A server of tools over standard input and output, for the tests of the page: it echoes, fails, makes a picture, and asks.
 * What it says has markup in it, which the page has to show as text.
 */
import { createInterface } from 'node:readline';

const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGNgaPiPHdFQouE/AMiXP8GhuHrmAAAAAElFTkSuQmCC';
const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>';
const schema = { type: 'object', properties: { text: { type: 'string' } } };
const tools = ['echo', 'guarded', 'fail', 'picture', 'ask'].map((name) => ({ name, description: `Tool ${name} ${HOSTILE}`, inputSchema: schema }));
const prompts = [
  { name: 'review', description: 'Reviews a text', arguments: [{ name: 'topic', description: 'What it is about', required: true }] },
  { name: 'hello', description: 'Says hello' },
];

const send = (/** @type {object} */ message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (/** @type {string} */ said) => ({ type: 'text', text: said });

/** What to do with the answer to a question, by its id. */
const asked = new Map();

/** @param {string | number} id @param {{name: string, arguments?: {text?: string}}} call */
function call(id, { name, arguments: given }) {
  const answer = (/** @type {object[]} */ content, isError = false) => send({ id, result: { content, isError } });
  if (name === 'fail') answer([text(`It broke ${HOSTILE}`)], true);
  else if (name === 'picture') answer([text('A picture.'), { type: 'image', data: PICTURE, mimeType: 'image/png' }]);
  else if (name === 'ask') {
    const properties = {
      city: { type: 'string', title: 'City', description: `Where ${HOSTILE}` }, days: { type: 'integer', title: 'Days', minimum: 1 },
      size: { type: 'string', title: 'Size', enum: ['small', 'large'] }, breakfast: { type: 'boolean', title: 'Breakfast' },
    };
    asked.set('q', (/** @type {object} */ result) => answer([text(`You said ${JSON.stringify(result)}`)]));
    send({ id: 'q', method: 'elicitation/create', params: { message: 'Where do you want to go?', requestedSchema: { type: 'object', properties, required: ['city'] } } });
  } else answer([text(`${given?.text ?? ''} ${HOSTILE}`)]);
}

/** @param {{id?: string | number, method?: string, params?: any, result?: object}} message */
function hear({ id, method, params, result }) {
  if (method === undefined && id !== undefined) asked.get(id)?.(result);
  else if (id === undefined) return;
  else if (method === 'initialize') {
    send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {}, prompts: {} }, serverInfo: { name: 'desk', version: '1' } } });
  } else if (method === 'tools/list') send({ id, result: { tools } });
  else if (method === 'prompts/list') send({ id, result: { prompts } });
  else if (method === 'prompts/get') send({ id, result: { messages: [{ role: 'user', content: text(`Please look at ${params.arguments?.topic ?? 'hello'}`) }] } });
  else if (method === 'tools/call') call(/** @type {string | number} */ (id), params);
  else if (method === 'ping') send({ id, result: {} });
  else send({ id, error: { code: -32601, message: 'no such method' } });
}

createInterface({ input: process.stdin }).on('line', (line) => hear(JSON.parse(line)));
