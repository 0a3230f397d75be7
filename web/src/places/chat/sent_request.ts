/** The body of a request to a model, taken apart for a reader: parameters, messages, tools. */

export interface SentParts {
  parameters: [name: string, value: string][];
  messages: { role: string; text: string }[];
  tools: unknown[] | undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function messageOf(message: Record<string, unknown>): { role: string; text: string } {
  const { role, content, tool_calls: calls } = message;
  const parts = Array.isArray(content) ? content : [content];
  const texts = parts.map((part) => {
    const text = (part as { text?: unknown } | null)?.text;
    return part === null || part === undefined ? '' : textOf(typeof text === 'string' ? text : part);
  });
  if (calls) texts.push(textOf(calls));
  return { role: String(role ?? ''), text: texts.filter(Boolean).join('\n\n') };
}

export function partsOfRequest(sent: Record<string, unknown>): SentParts {
  const { messages, tools, ...rest } = sent;
  return {
    parameters: Object.entries(rest).map(([name, value]) => [name, textOf(value)]),
    messages: (Array.isArray(messages) ? messages : []).map(messageOf),
    tools: Array.isArray(tools) && tools.length > 0 ? tools : undefined,
  };
}
