/** Characters, Settings, and Guards and health: their tasks, wrong input, markup of strangers, sizes, keys, accessibility. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { violations } from './axe';
import { launch, open, say, serve } from './browser';
import { HOSTILE, SERA, pngCard } from './cards';

const PATHS = [
  'characters', 'characters/seraphina', 'characters/napoleon', 'settings', 'settings/models', 'settings/tools', 'settings/keys', 'settings/data',
  'settings/program', 'guards', 'guards/try', 'guards/policies', 'guards/health',
];

/** A test of all views takes its time where the machine is busy with other things. */
const MANY_VIEWS_MILLIS = 240_000;

const settled = async (page: Page) => {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
};

describe('the other places', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  const add = (card: Buffer | string) =>
    fetch(new URL('api/characters?replace=true', server.program.url), {
      method: 'POST', body: typeof card === 'string' ? card : new Uint8Array(card), headers: { 'content-type': 'application/octet-stream' },
    });

  beforeAll(async () => {
    browser = await launch();
    server = await serve({ settings: '[search]\nlimit = 12\n' });
    await add(pngCard(SERA));
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  for (const [colorScheme, contrast] of [['light', 'system'], ['dark', 'system'], ['light', 'more'], ['dark', 'more']] as const) {
    it(`have nothing that axe finds: ${colorScheme}, contrast ${contrast}`, async () => {
      const { page, context, problems } = await open(browser, server.program.url, { colorScheme });
      await page.addInitScript((choice) => localStorage.setItem('lorekeep.contrast', choice), contrast);
      for (const path of PATHS) {
        await page.goto(server.program.url + path);
        await settled(page);
        expect(await violations(page), path).toEqual([]);
      }
      expect(problems).toEqual([]);
      await context.close();
    }, MANY_VIEWS_MILLIS);
  }

  for (const locale of ['en-US', 'de-DE', 'ar']) {
    it(`fit into 360 pixels: ${locale}`, async () => {
      const { page, context } = await open(browser, server.program.url, { viewport: { width: 360, height: 740 }, locale, isMobile: true, hasTouch: true });
      for (const path of PATHS) {
        await page.goto(server.program.url + path);
        await settled(page);
        const widths = await page.evaluate(() => [document.documentElement, document.querySelector('main')].map((one) => one?.scrollWidth ?? 0));
        expect(Math.max(...widths), path).toBeLessThanOrEqual(360);
      }
      expect(await violations(page)).toEqual([]);
      await context.close();
    }, MANY_VIEWS_MILLIS);
  }

  it('take in a card that is dropped, change it, and begin with the greeting that was chosen', async () => {
    const { page, context, problems } = await open(browser, server.program.url);
    await page.goto(server.program.url);
    await page.getByRole('link', { name: 'Characters' }).click();
    const card = pngCard({ ...SERA, data: { ...SERA.data, name: 'Dropped' } });
    const transfer = await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'card.png', { type: 'image/png' }));
      return data;
    }, [...card]);
    await page.getByText('The Narrator').waitFor();
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
    await page.getByRole('heading', { name: 'Dropped' }).waitFor();
    await page.getByLabel('Scenario').fill('In the rain.');
    await page.getByText('glade, clearing').click();
    await page.getByLabel('What it says').first().fill('Older than all.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => page.getByText('Changes that aren’t saved').count()).toBe(0);
    const changed = await (await fetch(new URL('api/characters/dropped', server.program.url))).json();
    expect(changed.scenario).toBe('In the rain.');
    expect(changed.card.data.x_unknown).toEqual({ kept: [1.5] });
    expect(changed.card.data.character_book.entries[0]).toMatchObject({ content: 'Older than all.', x_own: 1 });
    await page.getByLabel('Search your memory for each message').selectOption('no');
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Greeting before' }).click();
    await page.getByText('Greeting 3 of 3').first().waitFor();
    await page.getByRole('button', { name: 'Start a conversation' }).click();
    await page.waitForURL('**/chat/**');
    await page.locator('.prose').getByText('It rains in the glade.').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('ask before a character is replaced or deleted, copy it, and say what is no card', async () => {
    const { page, context } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}characters`);
    const input = page.locator('input[type=file]');
    await input.setInputFiles({ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('[1]') });
    await page.getByRole('alert').getByText('“notes.json” is no character').waitFor();
    const other = { ...SERA, data: { ...SERA.data, description: 'Another one.' } };
    await input.setInputFiles({ name: 'sera.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(other)) });
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.goto(`${server.program.url}characters/napoleon`);
    await page.getByRole('button', { name: 'Make a copy' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Bonaparte');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'Bonaparte' }).waitFor();
    await page.getByRole('button', { name: 'Actions for “Bonaparte”' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Save the file' }).click();
    expect(JSON.parse(await readFile(await (await saving).path(), 'utf8')).data.name).toBe('Bonaparte');
    await page.getByRole('button', { name: 'Actions for “Bonaparte”' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('“Bonaparte” was deleted.').waitFor();
    await page.goto(`${server.program.url}characters/nobody`);
    await page.getByText('there is no character `nobody`').waitFor();
    await context.close();
  });

  it('keep what was written when somebody else was faster', async () => {
    const { page, context } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}characters/seraphina`);
    await page.getByLabel('Personality').fill('mine');
    const theirs = await fetch(new URL('api/characters/seraphina', server.program.url), { method: 'PATCH', body: '{"scenario":"theirs"}', headers: { 'content-type': 'application/json' } });
    expect(theirs.status).toBe(200);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('the character was changed meanwhile').waitFor();
    expect(await page.getByLabel('Personality').inputValue()).toBe('mine');
    await context.close();
  });

  it('run nothing of what a card has in it', async () => {
    expect((await add(JSON.stringify(HOSTILE))).status).toBe(201);
    const { page, context, problems } = await open(browser, server.program.url);
    const asked: string[] = [];
    page.on('response', (response) => response.ok() || asked.push(`${response.status()} ${response.url()}`));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${server.program.url}characters`);
    await page.locator('a', { hasText: 'Eve <script>' }).click();
    await page.getByRole('heading', { name: 'Lorebook' }).waitFor();
    for (const entry of await page.locator('details > summary').all()) await entry.click();
    await page.getByRole('button', { name: 'Start a conversation' }).click();
    await page.waitForURL('**/chat/**');
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
    expect(asked.filter((url) => !url.startsWith(server.program.url))).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('add a provider after asking it, and remove it', async () => {
    const { page, context } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}settings/models`);
    await page.getByText('set by the program’s settings').waitFor();
    const address = await page.locator('.rows [dir=ltr]').first().innerText();
    await page.getByLabel('Address').fill('http://127.0.0.1:9/v1');
    await page.getByRole('button', { name: 'Try it and use it' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Address').fill(address);
    await page.getByLabel('Name, if you like').fill('second');
    await page.getByLabel('Key', { exact: true }).fill('sk-1');
    await page.getByRole('button', { name: 'Try it and use it' }).click();
    await page.getByRole('button', { name: 'Remove second' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Remove second' }).count()).toBe(0);
    await context.close();
  });

  it('make a key that is shown once, and revoke it', async () => {
    const { page, context } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}settings/keys`);
    await page.getByLabel('What it is for').fill('<b>editor</b>');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const token = await page.locator('.token code').innerText();
    expect(token).toMatch(/^lk_/);
    await page.reload();
    await page.getByRole('button', { name: 'Revoke <b>editor</b>' }).click();
    expect(await page.getByText(token).count()).toBe(0);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('1 revoked').waitFor();
    await context.close();
  });

  it('say of each setting where it comes from', async () => {
    const { page, context } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}settings/program`);
    await page.getByText('search.limit').waitFor();
    await page.getByText('from the file, line 2').waitFor();
    await page.getByText('from the environment, MODEL__URL').waitFor();
    await page.getByRole('searchbox').fill('half_life');
    await page.getByText('memory.decay_half_life_days').waitFor();
    await page.getByRole('searchbox').fill('zzz');
    await page.getByText('No setting matches.').waitFor();
    await context.close();
  });

  it('mark what guards find in a text, by keyboard, and run nothing of it', async () => {
    const { page, context, problems } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}guards/try`);
    await page.getByLabel('Text to be judged').focus();
    await page.keyboard.insertText('é 🙂 <img src=x onerror="window.hacked=1"> mail jane.roe@example.com');
    await page.keyboard.press('Control+Enter');
    await page.locator('mark').first().waitFor();
    expect(await page.locator('mark').first().evaluate((mark) => mark.firstChild?.textContent)).toBe('jane.roe@example.com');
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('list findings as they come, show the policies, and import live', async () => {
    const { page, context, problems } = await open(browser, server.program.url);
    await page.goto(`${server.program.url}guards`);
    await page.getByText('Nothing was found yet').waitFor();
    const chat = await context.newPage();
    await chat.goto(server.program.url);
    await say(chat, 'write to jane.roe@example.com');
    await page.getByText('email address').first().waitFor({ timeout: 15_000 });
    expect(await page.getByText('jane.roe').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Policies' }).click();
    await page.getByRole('row', { name: /before it is stored/ }).getByText('masked').waitFor();
    await page.getByRole('navigation', { name: 'Guards and health' }).getByRole('link', { name: 'Health' }).click();
    await page.getByText('nobody else can read').waitFor();
    await page.getByRole('button', { name: 'Import now' }).click();
    await page.getByText(/^Done:/).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});
