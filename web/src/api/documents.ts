/**
 * Documents of the chat that the OpenAPI document describes only as objects. They are what `crates/chat/src/view.rs` and the
 * events of a turn write; fields that the page doesn't read are left out.
 */

export type MessageState = 'whole' | 'cut' | 'stopped' | 'interrupted' | 'failed' | 'hidden';

export interface ConversationSummary {
  id: string;
  title: string | null;
  /** Milliseconds since 1970. */
  created: number;
  updated: number;
  version: number;
  pinned: boolean;
  archived: boolean;
  tags: string[];
  project: string | null;
  parent: string | null;
  messages: number;
  off_record: boolean;
}

export interface ConversationList {
  conversations: ConversationSummary[];
  next: string | null;
}

export interface ShownError {
  code: string;
  message: string;
  hint?: string | null;
}

export interface RunFigures {
  duration_ms?: number;
  first_token_ms?: number;
  reasoning_ms?: number;
  model?: string;
  provider?: string;
  cost?: number | null;
  usage?: { prompt_tokens?: number; completion_tokens?: number; reasoning_tokens?: number };
}

/** A call of a tool, as messages and events have it. */
export interface ToolCallDoc {
  id: string;
  tool: string;
  /** The MCP server that has it; nothing for the program's own tools. */
  server?: string | null;
  state: string;
  arguments?: unknown;
  result?: string | null;
  duration_ms?: number | null;
  /** Where it stands in the text of the answer, in bytes. */
  at?: number;
}

export interface ChatMessageDoc {
  id: string;
  parent: string | null;
  role: 'user' | 'assistant' | 'system' | 'tool';
  text: string;
  reasoning?: string;
  state: MessageState;
  time: number | null;
  model?: string;
  turn?: string;
  variants: string[];
  calls?: ToolCallDoc[];
  error?: ShownError;
  refusal?: ShownError;
  run?: RunFigures;
}

export interface ConversationDoc extends ConversationSummary {
  head: string | null;
  thread: ChatMessageDoc[];
  /** Turns that are under way, or wait. */
  running: string[];
}

export interface StartedTurn {
  turn: string;
  conversation: string;
  question: string;
  answer: string;
  is_new: boolean;
}

export interface TurnSnapshot {
  turn: string;
  conversation: string;
  question: string;
  answer: string;
  text: string;
  reasoning: string;
  is_ended: boolean;
  events: { event: string; data: Record<string, unknown> }[];
}
