/** The place Memory: the first import, search as it is typed, reading, what is known, forgetting; foreign text; sizes; axe. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { axeViolations, importMessages, launch, measuresTime, open, serve, writeBelow } from './browser';

const LONG_MESSAGES = 4000;
/** What is aimed at, on a quiet machine and with a release build. */
const MAX_OPEN_MILLIS = 500;
const MAX_TASK_MILLIS = 50;
/** Tests that go through all views take seconds by themselves, and longer beside a build. */
const ALL_VIEWS_MILLIS = 180_000;

const at = (minute: number) => new Date(Date.UTC(2026, 8, 1) + minute * 60_000).toISOString();

/** Conversations of two projects; `long` has a needle far from its beginning. */
const messages = [
  { id: 'f1', conversation: 'ferry', project: 'ferry', role: 'user', time: at(0), title: 'When the ferry sails', text: 'When does the ferry sail on Fridays?' },
  { id: 'f2', conversation: 'ferry', project: 'ferry', role: 'assistant', time: at(1), text: 'On **Fridays** the ferry sails at noon, with the tide.' },
  { id: 'f3', conversation: 'ferry', project: 'ferry', role: 'user', time: at(2000), text: 'And when the tide is low?' },
  { id: 'f4', conversation: 'ferry', project: 'ferry', role: 'assistant', time: at(2001), text: 'Then it waits for an hour.', tools: [{ id: 'c1', name: 'read_file', input: '{"path":"hours.txt"}' }] },
  ...Array.from({ length: LONG_MESSAGES }, (_, n) => ({
    id: `l${n}`, conversation: 'long', project: 'harbour', role: n % 3 === 0 ? 'user' : 'assistant', time: at(n * 7), title: 'The long watch',
    text: n === 3210 ? 'Here is the brass needle.' : `Entry ${n} of the log. `.repeat(1 + (n % 9)),
  })),
];

const EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>';
const hostile = [
  { id: 'x1', conversation: 'evil', project: `p ${EVIL}`, role: 'user', time: at(0), title: `hostile ${EVIL}`, text: `hostile ${EVIL} [a](javascript:window.hacked=3)`, speaker: EVIL },
  {
    id: 'x2', conversation: 'evil', project: `p ${EVIL}`, role: 'assistant', time: at(1), model: EVIL, text: `hostile answer\n\n${EVIL}\n\n![pixel](https://tracker.invalid/p.png) <svg onload="window.hacked=4">`,
    tools: [{ id: 'c', name: EVIL, input: `{"path":"${EVIL.replaceAll('"', '\\"')}"}` }], files: { edited: [`/tmp/${EVIL}`] },
  },
];

describe('memory', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    browser = await launch();
    server = await serve();
    await importMessages(server.program.home, messages);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const show = async (path = 'memory', options: BrowserContextOptions = {}) => {
    const opened = await open(browser, server.program.url, options);
    opened.page.setDefaultTimeout(15_000);
    await opened.page.goto(`${server.program.url}${path}`);
    return opened;
  };
  const hits = (page: Page) => page.locator('[role=listbox] > [role=option]');
  const box = (page: Page) => page.getByRole('combobox', { name: 'Search' });

  it('begins with what could be imported, and finds it afterwards', async () => {
    const own = await serve();
    const line = (type: string, uuid: string, content: string) =>
      JSON.stringify({ type, uuid, sessionId: '0a1b2c3d-0000-4000-8000-000000000001', timestamp: at(5), cwd: '/tmp/lighthouse', message: { role: type, content } });
    const log = `${line('user', 'u1', 'How bright is the lantern?')}\n${line('assistant', 'u2', 'As bright as forty candles.')}\n`;
    await writeBelow(own.program.home, '.claude/projects/-tmp-lighthouse/0a1b2c3d-0000-4000-8000-000000000001.jsonl', log);
    const { page, context, problems } = await open(browser, own.program.url);
    await page.goto(`${own.program.url}memory`);
    await page.getByText('Your conversations will be here').waitFor();
    await page.getByText('claude-code').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Import now' }).click();
    await page.getByText('2 messages in 1 conversation').waitFor();
    await box(page).fill('lantern');
    await hits(page).first().waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.getByText('As bright as forty candles.').waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Continue in the assistant' }).click();
    await page.getByText("cd '/tmp/lighthouse' && claude --resume 0a1b2c3d-0000-4000-8000-000000000001").waitFor();
    expect(problems).toEqual([]);
    await context.close();
    await own.close();
  });

  it('searches as one types, by the keyboard alone, and keeps the query in the address', async () => {
    const { page, context, problems } = await show();
    await page.getByRole('heading', { name: 'The last year' }).waitFor();
    await page.keyboard.type('tid');
    await hits(page).first().waitFor();
    await page.keyboard.type('e');
    await expect.poll(() => hits(page).count()).toBe(3);
    await expect.poll(() => page.locator('mark').first().textContent()).toBe('tide');
    await page.keyboard.press('ArrowDown');
    expect(await box(page).getAttribute('aria-activedescendant')).toBe(await page.locator('[aria-selected=true]').getAttribute('id'));
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'When the ferry sails' }).getByText('Then it waits').first().waitFor();
    await expect.poll(() => page.url()).toContain('q=tide');
    await page.keyboard.press('Shift+Enter');
    await page.getByRole('heading', { level: 1, name: 'When the ferry sails' }).waitFor();
    expect(page.url()).toContain('/memory/c/ferry?message=');
    await page.goBack();
    await expect.poll(() => hits(page).count()).toBe(3);
    await page.reload();
    await hits(page).first().waitFor();
    expect(await box(page).inputValue()).toBe('tide');
    await page.goBack();
    await page.getByRole('heading', { name: 'The last year' }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('drops answers that come late, and says when nothing is found or the server is gone', async () => {
    const { page, context } = await show();
    await page.getByRole('heading', { name: 'The last year' }).waitFor();
    await context.route(/q=fridays/i, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      await route.continue().catch(() => undefined);
    });
    await box(page).fill('Fridays');
    await box(page).fill('brass needle');
    await page.getByText('The long watch').first().waitFor();
    await page.waitForTimeout(900);
    expect(await page.getByText('Here is the').count()).toBeGreaterThan(0);
    await box(page).fill('zzzyyyxxx');
    await page.getByText('Fewer or other words may help').waitFor();
    await context.route(/api\/search/, (route) => route.abort());
    await box(page).fill('again');
    await page.getByRole('alert').waitFor();
    await context.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await context.close();
  });

  it('narrows a search by filters, which the address keeps', async () => {
    const { page, context } = await show('memory?q=tide');
    await expect.poll(() => hits(page).count()).toBe(3);
    await page.getByRole('combobox', { name: 'Speaker' }).selectOption('user');
    await expect.poll(() => hits(page).count()).toBe(2);
    await page.reload();
    await expect.poll(() => hits(page).count()).toBe(2);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect.poll(() => hits(page).count()).toBe(3);
    await page.getByRole('button', { name: 'Time, file, tool' }).click();
    await page.getByLabel('Since').fill('2026-09-02');
    await expect.poll(() => hits(page).count()).toBe(2);
    await context.close();
  });

  it('opens a long conversation at a message, and finds what is not rendered', async () => {
    const { page, context, problems } = await show('memory/projects/harbour');
    await page.getByRole('link', { name: 'The long watch' }).first().waitFor();
    const begun = performance.now();
    await page.goto(`${server.program.url}memory/c/long?message=l2000`);
    await page.locator('article.target', { hasText: 'Entry 2000 of' }).waitFor();
    const opened = performance.now() - begun;
    if (measuresTime) expect(opened).toBeLessThan(MAX_OPEN_MILLIS);
    await expect.poll(() => page.locator('article.target').isVisible()).toBe(true);
    await page.keyboard.press('Control+f');
    await page.getByRole('searchbox', { name: 'Find in this conversation' }).fill('BRASS needle');
    await page.getByText('1 of 1').waitFor();
    await page.getByText('Here is the brass needle.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('article').count()).toBeLessThan(100);
    await page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { longTasks: seen });
      new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
    });
    for (let step = 0; step < 30; step += 1) {
      await page.locator('.messages').evaluate((scroller) => scroller.scrollBy(0, -1200));
      await page.waitForTimeout(30);
    }
    await expect.poll(() => page.locator('.coming').count()).toBe(0);
    const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks));
    console.log(`${LONG_MESSAGES} messages: opened after ${Math.round(opened)} ms, longest task while scrolling ${Math.round(longest)} ms`);
    if (measuresTime) expect(longest).toBeLessThan(MAX_TASK_MILLIS);
    await page.getByRole('button', { name: 'To your next message' }).click();
    await page.locator('article.person.target').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('says what is wrong with an address that names nothing', async () => {
    const { page, context } = await show('memory/c/nobody');
    await page.getByRole('alert').waitFor();
    await page.goto(`${server.program.url}memory/day/2026-13-99`);
    await page.getByRole('alert').waitFor();
    await page.goto(`${server.program.url}memory/knowledge/nothing`);
    await page.getByRole('alert').waitFor();
    await context.close();
  });

  it('opens a day from the map of the year, by keys', async () => {
    const { page, context } = await show();
    await page.getByRole('heading', { name: 'The last year' }).waitFor();
    const day = page.locator('a.day[tabindex="0"]');
    await day.focus();
    const before = await day.getAttribute('aria-label');
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('a.day:focus').getAttribute('aria-label')).not.toBe(before);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Day before' }).waitFor();
    await page.getByRole('link', { name: 'The long watch' }).waitFor();
    await context.close();
  });

  it('keeps, changes and forgets facts and reflections', async () => {
    const { page, context, problems } = await show('memory/facts');
    await page.getByText('Nothing is known yet').waitFor();
    await page.getByRole('button', { name: 'Add a fact' }).click();
    await page.getByLabel('One statement').fill('Is allergic to walnuts');
    await page.getByLabel('Topics').fill('health, food');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Is allergic to walnuts').waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByLabel('One statement').fill('Is allergic to hazelnuts');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Is allergic to hazelnuts').waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Forget' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('Nothing is known yet').waitFor();
    await page.getByRole('link', { name: 'Reflections' }).click();
    await page.getByRole('button', { name: 'Add a reflection' }).click();
    await page.getByLabel('What it says').fill('Tides decide, not timetables.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Tides decide, not timetables.').waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No reflections yet').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('takes in documents, opens them at a section, says what is wrong with others', async () => {
    const { page, context } = await show('memory/knowledge');
    await page.getByText('Drop documents here').waitFor();
    const buffer = Buffer.from('# Manual\n\nRead this.\n\n## Valves\n\nClose the valve first.\n');
    await page.locator('input[type=file]').setInputFiles({ name: 'manual.md', mimeType: 'text/markdown', buffer });
    await page.getByRole('link', { name: 'manual.md' }).click();
    await page.getByText('Close the valve first.').waitFor();
    await page.goto(`${page.url()}?section=1`);
    await page.locator('section.target', { hasText: 'valve' }).waitFor();
    await page.goto(`${server.program.url}memory/knowledge`);
    await page.locator('input[type=file]').setInputFiles({ name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 nonsense') });
    await page.getByText(/broken\.pdf:/).waitFor();
    await page.getByLabel('Address').fill('http://127.0.0.1:9/x');
    await page.getByRole('button', { name: 'Add address' }).click();
    await page.getByText(/127\.0\.0\.1:9\/x:/).waitFor();
    await page.getByRole('button', { name: 'Actions for “manual.md”' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('link', { name: 'manual.md' }).count()).toBe(0);
    await context.close();
  });

  it('shows foreign text as text, whatever is in it', async () => {
    const own = await serve();
    await importMessages(own.program.home, hostile);
    const post = (path: string, body: object) =>
      fetch(new URL(path, own.program.url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await post('api/facts', { memory: `hostile ${EVIL}`, topics: ['<b>t</b>'] });
    await post('api/reflections', { content: `hostile ${EVIL}`, tags: ['<i>x</i>'] });
    await fetch(new URL(`api/knowledge?name=${encodeURIComponent(`${EVIL}.md`)}`, own.program.url), { method: 'POST', body: `# ${EVIL}\n\nhostile ${EVIL}\n` });
    const { page, context, problems } = await open(browser, own.program.url);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    for (const path of ['memory', 'memory?q=hostile', 'memory/c/evil?q=hostile', 'memory/projects', 'memory/facts', 'memory/reflections', 'memory/knowledge', 'memory/day/2026-09-01']) {
      await page.goto(`${own.program.url}${path}`);
      await page.locator('main').getByText(/hostile|<img/).locator('visible=true').first().waitFor();
    }
    await page.goto(`${own.program.url}memory/c/evil`);
    await page.getByText('hostile answer').waitFor();
    for (const summary of await page.locator('article summary').all()) await summary.click();
    await page.goto(`${own.program.url}memory/projects`);
    await page.locator('tbody a').first().click();
    await page.getByRole('button', { name: 'Forget this project' }).click();
    await page.getByText('can’t be brought back').waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { hacked?: number }).hacked)).toBeUndefined();
    expect(requests.filter((url) => !url.startsWith(own.program.url))).toEqual([]);
    expect(problems).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('This is forgotten:').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.url()).toMatch(/memory\/projects$/);
    await context.close();
    await own.close();
  });

  const VIEWS: [path: string, sign: string][] = [
    ['memory', 'The last year'], ['memory?q=tide&role=user', '2 hits'], ['memory/c/ferry?message=f3', 'Then it waits'], ['memory/projects', 'ferry'],
    ['memory/projects/ferry', 'Recent work'], ['memory/facts', 'Add a fact'], ['memory/reflections', 'Add a reflection'], ['memory/knowledge', 'Choose files'],
    ['memory/day/2026-09-01', 'Day before'],
  ];

  for (const [colorScheme, contrast] of [['light', 'system'], ['dark', 'system'], ['light', 'more'], ['dark', 'more']] as const) {
    it(`has nothing that axe finds: ${colorScheme}, contrast ${contrast}`, async () => {
      const { page, context } = await open(browser, server.program.url, { colorScheme });
      page.setDefaultTimeout(20_000);
      await page.addInitScript((choice) => localStorage.setItem('lorekeep.contrast', choice), contrast);
      for (const [path, sign] of VIEWS) {
        await page.goto(`${server.program.url}${path}`);
        await page.locator('main').getByText(sign).locator('visible=true').first().waitFor();
        expect(await axeViolations(page), path).toEqual([]);
      }
      await page.goto(`${server.program.url}memory?q=tide`);
      await hits(page).first().click();
      await page.getByText('Then it waits').first().waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.goto(`${server.program.url}memory/projects/ferry`);
      await page.getByRole('button', { name: 'Forget this project' }).click();
      await page.getByText('can’t be brought back').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await context.close();
    }, ALL_VIEWS_MILLIS);
  }

  for (const [width, locales] of [[360, ['de-DE', 'ar']], [390, ['en-US']]] as const) {
    it(`fits into ${width} pixels: ${locales.join(', ')}`, async () => {
      for (const locale of locales) {
        const { page, context, problems } = await open(browser, server.program.url, { viewport: { width, height: 740 }, isMobile: true, hasTouch: true, locale });
        for (const [path] of VIEWS) {
          await page.goto(`${server.program.url}${path}`);
          await page.locator('main h1').first().waitFor();
          await page.waitForTimeout(150);
          expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width);
        }
        if (locale === 'en-US') expect(await axeViolations(page)).toEqual([]);
        expect(problems).toEqual([]);
        await context.close();
      }
    }, ALL_VIEWS_MILLIS);
  }
});
