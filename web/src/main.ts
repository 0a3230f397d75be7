/** Where the page begins: styles, language, stores, then the shell. The service worker comes when everything is shown. */
import { mount } from 'svelte';
import App from './App.svelte';
import { startLanguage } from './i18n/language.svelte';
import { keepShell } from './lib/offline';
import { watchViewport } from './lib/viewport';
import { router } from './router/router.svelte';
import { conversations } from './state/conversations.svelte';
import { feed } from './state/feed.svelte';
import { models } from './state/models.svelte';
import { session } from './state/session.svelte';
import { version } from './state/version.svelte';
import './ui/styles/index.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no element to stand in');

session.start();
router.start();
version.start();
watchViewport();
const language = startLanguage();
conversations.start();
void models.load();
await language;
mount(App, { target });
feed.start();
addEventListener('load', () => void keepShell());
