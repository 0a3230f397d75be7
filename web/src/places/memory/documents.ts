/**
 * Documents of the memory's routes, which the OpenAPI document describes only as objects: they are what `crates/wire` writes
 * and docs/json.md tells. Fields that the page doesn't read are left out; all texts in them are foreign.
 */

export type MessageRole = 'user' | 'assistant' | 'system' | 'tool';

export interface HitDoc {
  score: number;
  message_id: string;
  conversation_id: string;
  project: string;
  source: string;
  role: MessageRole;
  speaker: string | null;
  time: string | null;
  title: string;
  excerpt: string;
  why: { lexical: number | null; semantic: number | null; recency: number | null };
  terms: string[];
  folded: string[];
  more: number;
  reflection?: { tags: string[]; author: string | null };
}

export interface SearchDoc {
  query: string;
  mode: 'hybrid' | 'lexical' | 'semantic';
  took_ms: number;
  indexed: { messages: number; embeddable: number; embedded: number };
  hits: HitDoc[];
  verdict: 'relevant' | 'weak' | 'nothing';
  notes: string[];
}

export interface RelatedDoc {
  id: string;
  title: string;
  relation: string | null;
  started: string | null;
  messages: number;
}

export interface ArchivedConversation {
  id: string;
  source: string;
  project: string;
  title: string;
  parent: string | null;
  relation: string | null;
  children: RelatedDoc[];
  child_count: number;
  path: string;
  started: string | null;
  ended: string | null;
  messages: number;
}

export interface FindingDoc {
  field: string;
  kind: string;
  entity: string;
  verdict: string;
}

export interface ArchivedMessage {
  id: string;
  role: MessageRole;
  kind: 'said' | 'summary' | 'command' | 'injected';
  time: string | null;
  text: string;
  thinking?: string;
  tools?: { id: string; name: string; input: string }[];
  results?: { call: string; is_error: boolean; output: string }[];
  files?: { read: string[]; edited: string[] };
  attachments?: { media_type: string; bytes: number }[];
  speaker?: string;
  cwd?: string;
  model?: string;
  agent?: string;
  findings?: FindingDoc[];
}

export interface ReadDoc {
  conversation: ArchivedConversation;
  messages: ArchivedMessage[];
  /** The position of the first of the messages. */
  first: number;
  next: number | null;
}

export interface OutlineDoc {
  /** A letter for each message: `u`, `a`, `s` or `t`. */
  roles: string;
  times: (number | null)[];
  edits: number[];
  failures: number[];
}

export interface FoundDoc {
  positions: number[];
  has_more: boolean;
}

export interface ActivityDoc {
  messages: number;
  prompts: number;
  conversations: number;
  files_edited: number;
  tool_calls: number;
}

export interface PeriodDoc extends ActivityDoc {
  period: string;
  projects: (ActivityDoc & { project: string })[];
}

export interface TimelineDoc {
  periods: PeriodDoc[];
  total: ActivityDoc;
}

export interface WorkDoc {
  title: string;
  conversations: { id: string; title: string }[];
  conversation_count: number;
  projects: string[];
  started: string | null;
  ended: string | null;
  messages: number;
  files: string[];
  files_edited: number;
  topics: string[];
  asked: { message_id: string; text: string } | null;
  open: 'question' | 'unanswered' | 'interrupted' | null;
}

export interface ProjectDoc {
  name: string;
  key: string;
  path: string | null;
  conversations: number;
  messages: number;
  last: string | null;
}

export interface SourceDoc {
  source: string;
  roots: string[];
  files: number;
  conversations: number;
  messages: number;
  problems: number;
}

export interface SourcesDoc {
  sources: SourceDoc[];
  found: string[];
}

export interface ImportReportDoc {
  took_ms: number;
  sources: { source: string; added: number; conversations: number; problem_count: number; problems: { path: string; line: number; what: string }[] }[];
  skipped: { path: string; line: number; what: string }[];
  embedding: { model: boolean | null; embedded: number; left: number };
}

export interface ImportStateDoc {
  state: 'idle' | 'running' | 'done' | 'failed';
  progress?: { stage: string; done: number; total: number };
  report?: ImportReportDoc;
  error?: { code: string; message: string };
}

export interface FactDoc {
  memory_id: string;
  memory: string;
  topics: string[];
  by: 'person' | 'model';
  created_at: string;
  updated_at: string | null;
  source: { conversation: string; message: string } | null;
  ended_at: string | null;
  superseded_by: string | null;
  version: number;
}

export interface ReflectionDoc {
  id: string;
  content: string;
  tags: string[];
  project: string | null;
  author: string | null;
  created: string;
  updated: string | null;
  conversation: string | null;
  status: string | null;
}

export interface DocumentDoc {
  id: string;
  name: string;
  scope: 'everywhere' | 'character' | 'project' | 'conversation';
  owner?: string;
  origin: 'file' | 'url' | 'upload';
  place: string;
  format: string;
  bytes: number;
  pages?: number;
  sections: number;
  problems: string[];
  added: string | null;
}

export interface AddedDocumentDoc {
  given: string;
  outcome: 'added' | 'replaced' | 'unchanged' | 'failed';
  document?: DocumentDoc;
  error?: string;
  hint?: string;
}

export interface SectionDoc {
  document: string;
  name: string;
  section: number;
  heading?: string;
  place: string;
  text: string;
}

export interface ReceiptDoc {
  dry_run: boolean;
  messages: number;
  conversations: string[];
  parts: string[];
  reflections: number;
  facts: number;
  projects: string[];
  first: string | null;
  last: string | null;
  unreadable: number;
  finished: boolean;
}
