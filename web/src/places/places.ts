/**
 * The places of the page, in the order of the rail. A place is one folder with one component, which is loaded when it is
 * first shown. To add one: a folder, a line here, its label in `i18n/*.json`, and its name in the server's `PLACES`.
 */
import type { Component } from 'svelte';
import type { MessageKey } from '$/i18n/language.svelte';
import { chat, memory, people, settings, shield, type IconShape } from '$/ui/icons';

export interface Place {
  /** The first part of its path. */
  name: string;
  label: MessageKey;
  icon: IconShape;
  /** The place that it belongs to, where it has no entry of its own in the rail. */
  within?: string;
  load: () => Promise<{ default: Component }>;
}

export const places: readonly [Place, ...Place[]] = [
  { name: 'chat', label: 'place.chat', icon: chat, load: () => import('./chat/ChatPlace.svelte') },
  { name: 'memory', label: 'place.memory', icon: memory, load: () => import('./memory/MemoryPlace.svelte') },
  { name: 'characters', label: 'place.characters', icon: people, within: 'chat', load: () => import('./characters/CharactersPlace.svelte') },
  { name: 'guards', label: 'place.guards', icon: shield, load: () => import('./guards/GuardsPlace.svelte') },
  { name: 'settings', label: 'place.settings', icon: settings, load: () => import('./settings/SettingsPlace.svelte') },
];
