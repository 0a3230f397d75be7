/** Reads what a source is, by its place: a message of any conversation, a reflection, a fact, a section of a document. */
import { api, take } from '$/api/client';
import type { KnowledgeSection, RecalledPlace } from '$/api/documents';

/** A message as the archive shows it. */
export interface ArchiveMessage {
  id: string;
  role: string;
  time: string | null;
  text: string;
  speaker?: string;
}

export interface ReadSource {
  title: string;
  source: string;
  project: string | null;
  messages: ArchiveMessage[];
}

const AROUND_MESSAGES = 4;

/** The message and some around it. */
export async function readMessage(place: RecalledPlace, context = AROUND_MESSAGES): Promise<ReadSource> {
  if (place.source === 'fact') return readFact(place);
  if (place.source === 'reflection') return readReflection(place);
  const params = { path: { conversation: place.conversation }, query: { around: place.message, context } };
  const read = await take<{ conversation: { title: string | null; source: string; project: string | null }; messages: ArchiveMessage[] }>(
    api.GET('/api/archive/{conversation}', { params }) as Promise<never>,
  );
  const { conversation, messages } = read;
  return { title: conversation.title ?? '', source: conversation.source, project: conversation.project, messages };
}

async function readFact(place: RecalledPlace): Promise<ReadSource> {
  const answer = await take<{ fact?: { memory: string }; memory?: string }>(api.GET('/api/facts/{id}', { params: { path: { id: place.message } } }) as Promise<never>);
  const text = answer.fact?.memory ?? answer.memory ?? '';
  return { title: '', source: 'fact', project: null, messages: [{ id: place.message, role: 'user', time: null, text }] };
}

async function readReflection(place: RecalledPlace): Promise<ReadSource> {
  const answer = await take<{ reflection: { content: string; project: string; role: string; created: string } }>(
    api.GET('/api/reflections/{id}', { params: { path: { id: place.message } } }) as Promise<never>,
  );
  const { content, project, role, created } = answer.reflection;
  return { title: '', source: 'reflection', project, messages: [{ id: place.message, role, time: created, text: content }] };
}

const known = new Map<string, Promise<{ title: string; text: string }>>();

/** Title and text of a place, in short; asked for once. Nothing where it is gone. */
export function titleOf(place: RecalledPlace): Promise<{ title: string; text: string }> {
  const found = known.get(place.message) ?? readMessage(place, 0).then(
    ({ title, messages }) => ({ title, text: messages[0]?.text.slice(0, 300) ?? '' }),
    () => ({ title: '', text: '' }),
  );
  known.set(place.message, found);
  return found;
}

export interface ReadSection {
  name: string;
  heading?: string;
  place?: string;
  text: string;
}

export async function readSection({ document, section }: KnowledgeSection): Promise<ReadSection> {
  const params = { path: { id: document, number: section } };
  const answer = await take<{ section?: ReadSection } & ReadSection>(api.GET('/api/knowledge/{id}/sections/{number}', { params }) as Promise<never>);
  return answer.section ?? answer;
}
