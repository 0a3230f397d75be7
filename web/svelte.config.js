/** Settings of the Svelte compiler: runes only, and no warning passes. */
/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  compilerOptions: { runes: true, modernAst: true },
};
