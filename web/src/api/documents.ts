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
  findings?: FindingDoc[];
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

/** A file that was sent with a message, or that a tool made; without an id it isn't there, for the reason in `problem`. */
export interface MediaPlace {
  id: string;
  media_type: string;
  bytes: number;
  name?: string;
  problem?: string;
}

/** What a guard found. The place is in bytes of the text as it was judged. */
export interface FindingDoc {
  kind: string;
  entity: string;
  rule: string;
  start: number;
  end: number;
  score: number;
  why: string;
  /** `flag`, `mask`, `quarantine` or `block`. */
  action: string;
}

/** A message or a fact that was recalled. While the turn is under way it is told with its text, later by its place alone. */
export interface RecalledPlace {
  conversation: string;
  message: string;
  source: string;
  title?: string;
  role?: string;
  time?: number;
  excerpt?: string;
}

export interface RecalledFact {
  id: string;
  text: string;
  time: number;
}

/** A section of a document that was put before the model. */
export interface KnowledgeSection {
  document: string;
  name: string;
  section: number;
  heading?: string;
  place?: string;
}

export interface KnowledgeRecalled {
  whole?: { document: string; name: string }[];
  sections?: KnowledgeSection[];
  nothing?: string;
}

/** What may be set for a conversation; what isn't there is as the program's settings say. */
export interface ConversationSettings {
  model?: string;
  character?: string;
  system?: string;
  parameters?: Record<string, unknown>;
  recall?: boolean;
  tools?: string[];
  facts?: boolean;
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
  /** All of the result, where the model was told a part. */
  whole?: MediaPlace;
  media?: MediaPlace[];
  findings?: FindingDoc[];
  /** How far it is, while it is under way. */
  done?: number | null;
  total?: number | null;
  message?: string | null;
  /** What the person said when they were asked. */
  approval?: string;
}

/** A call that waits for the person to allow it. */
export interface ApprovalAsked extends ToolCallDoc {
  description: string;
  may_allow_always: boolean;
  wait_s: number;
}

/** A flat JSON Schema of what a tool's server wants to know. */
export interface QuestionField {
  type?: string;
  title?: string;
  description?: string;
  enum?: string[];
  enumNames?: string[];
  oneOf?: { const: string; title?: string }[];
  items?: { enum?: string[]; anyOf?: { const: string; title?: string }[] };
  default?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** What a tool's server asks the person. */
export interface InputAsked {
  id: string;
  server: string;
  message: string;
  schema: { properties?: Record<string, QuestionField>; required?: string[] };
  wait_s: number;
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
  refusal?: ShownError & { findings?: FindingDoc[] };
  run?: RunFigures;
  attachments?: MediaPlace[];
  recalled?: RecalledPlace[];
  knowledge?: KnowledgeSection[];
  findings?: FindingDoc[];
  summary?: { text: string; messages: number; model: string };
  edited?: number;
}

export interface ConversationDoc extends ConversationSummary {
  settings: ConversationSettings;
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
