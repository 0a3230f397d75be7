/** What the compilers don't find: inline styles, which the page's policy forbids, and promises that nobody waits for. */
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const parserOptions = { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] };

export default defineConfig(
  globalIgnores(['dist', 'src/api/schema.d.ts']),
  ts.configs.recommended,
  svelte.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.svelte'],
    languageOptions: { parserOptions },
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/switch-exhaustiveness-check': 'off' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { ...parserOptions, parser: ts.parser, svelteConfig } },
    rules: {
      'svelte/no-inline-styles': 'error',
      'svelte/no-at-html-tags': 'error',
      // Maps and sets that are made and used up in one function needn't be watched.
      'svelte/prefer-svelte-reactivity': 'off',
      // The page has a router of its own, which needs no such helper.
      'svelte/no-navigation-without-resolve': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
);
