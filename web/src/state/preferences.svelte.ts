/**
 * How a person wants the page to look: theme, contrast, density, language. Kept in the browser, the same in all of its tabs,
 * and shown on the root element, which the styles go by.
 */
import { keep, recall, whenKeptElsewhere } from '$/lib/storage';

export const THEMES = ['system', 'light', 'dark'] as const;
export const CONTRASTS = ['system', 'more'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;

type Theme = (typeof THEMES)[number];
type Contrast = (typeof CONTRASTS)[number];
type Density = (typeof DENSITIES)[number];

/** A choice that is kept under its name. What is kept and isn't one of the choices counts as the first. */
class Choice<T extends string> {
  readonly #name: string;
  readonly #choices: readonly T[];
  #value = $state() as T;

  constructor(name: string, choices: readonly [T, ...T[]]) {
    this.#name = name;
    this.#choices = choices;
    this.#value = this.#valid(recall(name));
    whenKeptElsewhere(name, (value) => (this.#value = this.#valid(value)));
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    keep(this.#name, value);
  }

  #valid(value: string | undefined): T {
    return this.#choices.find((choice) => choice === value) ?? (this.#choices[0] as T);
  }
}

export const theme = new Choice<Theme>('theme', THEMES);
export const contrast = new Choice<Contrast>('contrast', CONTRASTS);
export const density = new Choice<Density>('density', DENSITIES);

/** Keeps the root element as the choices say. */
export function showPreferences(): void {
  const { dataset } = document.documentElement;
  $effect(() => {
    dataset['theme'] = theme.value;
    dataset['contrast'] = contrast.value;
    dataset['density'] = density.value;
  });
}
