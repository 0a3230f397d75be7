/** The chat as a person uses it: streaming, stopping, reloading in the middle, several tabs, and text that means harm. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { lastAnswer, launch, open, say, serve } from './browser';
import { SAMPLE_MARKDOWN, numberedWords } from './model-server.mjs';

const COPY = { name: 'Copy the answer' };
const STOP = { name: 'Stop the answer' };

describe('chat', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let tab: Awaited<ReturnType<typeof open>>;

  beforeAll(async () => {
    browser = await launch();
    server = await serve();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  beforeEach(async () => {
    tab = await open(browser, server.program.url);
    await tab.goto();
  });

  afterEach(async () => {
    await tab.context.close();
    expect(tab.problems).toEqual([]);
  });

  it('shows an answer as it comes, and keeps it', async () => {
    const { page } = tab;
    await say(page, 'slow 200');
    await expect.poll(() => lastAnswer(page)).toMatch(/^w0 w1/);
    expect(numberedWords(200).startsWith((await lastAnswer(page)).trimEnd())).toBe(true);
    await page.getByRole('button', COPY).waitFor();
    expect(await lastAnswer(page)).toBe(numberedWords(200));
    await page.reload();
    await page.getByRole('button', COPY).waitFor();
    expect(await lastAnswer(page)).toBe(numberedWords(200));
    expect(await page.title()).toContain('slow 200');
  });

  it('stops', async () => {
    const { page } = tab;
    await say(page, 'slow 2000');
    await expect.poll(() => lastAnswer(page)).toContain('w20');
    await page.getByRole('button', STOP).click();
    await page.getByText('You stopped this answer.').waitFor();
    const text = await lastAnswer(page);
    expect(numberedWords(2000).startsWith(text.trimEnd())).toBe(true);
    await page.reload();
    await page.getByText('You stopped this answer.').waitFor();
    expect(await lastAnswer(page)).toBe(text);
  });

  it('goes on after reloads at any moment, with a whole beginning of the text', async () => {
    const { page } = tab;
    const whole = numberedWords(700);
    await say(page, 'slow 700');
    await page.waitForURL(/chat\/.+/);
    const rounds = Number(process.env['RELOADS'] ?? 6);
    for (let round = 0; round < rounds; round += 1) {
      await page.waitForTimeout(Math.random() * 500);
      const seen = (await page.locator('article.answer .prose').last().textContent({ timeout: 500 }).catch(() => '')) ?? '';
      await page.reload();
      await page.locator('article.answer .prose').waitFor();
      const after = await lastAnswer(page);
      expect(whole.startsWith(after.trimEnd())).toBe(true);
      expect(after.length).toBeGreaterThanOrEqual(seen.length);
    }
    await page.getByRole('button', COPY).waitFor({ timeout: 30_000 });
    expect(await lastAnswer(page)).toBe(whole);
    expect(await page.locator('article').count()).toBe(2);
  });

  it('keeps two tabs in step', async () => {
    const { page, context } = tab;
    await say(page, 'Hello from the first tab');
    await page.getByRole('button', COPY).waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByText('You said: Hello').waitFor();
    await say(page, 'slow 300');
    await expect.poll(() => lastAnswer(other)).toMatch(/^w0 w1/);
    await other.getByRole('button', COPY).nth(1).waitFor();
    expect(await lastAnswer(other)).toBe(numberedWords(300));
    // The list of a tab that shows something else has the conversation too.
    await other.goto(server.program.url);
    await say(page, 'One more');
    await other.getByRole('link', { name: 'Hello from the first tab' }).first().waitFor();
  });

  it('follows the end only while the reader is there', async () => {
    const { page } = tab;
    await page.setViewportSize({ width: 800, height: 500 });
    await say(page, 'slow 1500');
    const scroller = page.locator('.scroller');
    await expect.poll(() => scroller.evaluate((view) => view.scrollHeight - view.clientHeight)).toBeGreaterThan(200);
    expect(await scroller.evaluate((view) => view.scrollHeight - view.clientHeight - view.scrollTop)).toBeLessThan(40);
    await scroller.hover();
    await page.mouse.wheel(0, -150);
    await page.getByRole('button', { name: 'New text below' }).waitFor();
    const top = await scroller.evaluate((view) => view.scrollTop);
    await page.waitForTimeout(600);
    expect(await scroller.evaluate((view) => view.scrollTop)).toBe(top);
    await page.getByRole('button', { name: 'New text below' }).click();
    await expect.poll(() => scroller.evaluate((view) => view.scrollHeight - view.clientHeight - view.scrollTop)).toBeLessThan(40);
    await page.getByRole('button', STOP).click();
    await page.getByText('You stopped this answer.').waitFor();
  });

  it('shows Markdown, with colours for code from a worker', async () => {
    const { page } = tab;
    await say(page, 'an example in markdown');
    await page.locator('.code .hl-keyword').first().waitFor();
    expect(await page.locator('.prose .code code').textContent()).toBe(/```rust\n([^]*?)\n```/.exec(SAMPLE_MARKDOWN)?.[1]);
    expect(await page.locator('.prose th').count()).toBe(3);
  });

  it('makes nothing but text of what means harm', async () => {
    const { page } = tab;
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await say(page, 'hostile <img src=x onerror="window.hacked=8">');
    await page.getByRole('button', COPY).waitFor();
    expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
    expect(await page.locator('article :is(script, img, svg[onload], iframe)').count()).toBe(0);
    const links = await page.locator('.prose a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual(['https://tracker.invalid/pixel.png']);
    expect(requests.filter((url) => !url.startsWith(server.program.url))).toEqual([]);
  });

  it('says what failed and what to do', async () => {
    const { page } = tab;
    await say(page, 'refuse');
    await page.getByText('check the key of this provider').waitFor();
  });

  it('folds reasoning', async () => {
    const { page } = tab;
    await say(page, 'think');
    await page.getByText('The answer is 42.').waitFor();
    const fold = page.locator('details');
    expect(await fold.getAttribute('open')).toBeNull();
    await page.locator('summary').click();
    await page.getByText('First I look at the question.').waitFor();
  });

  it('doesn’t send while an input method composes', async () => {
    const { page, context } = tab;
    const input = page.getByRole('textbox', { name: 'Message' });
    await input.focus();
    const session = await context.newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await input.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    await page.waitForTimeout(200);
    expect(page.url()).not.toContain('chat/');
    await session.send('Input.insertText', { text: 'にほん' });
    expect(await input.inputValue()).toContain('にほん');
  });

  it('renames and deletes', async () => {
    const { page } = tab;
    await say(page, 'A title to change');
    await page.getByRole('button', COPY).waitFor();
    await page.getByRole('main').getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Changed <b>title</b>');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Changed <b>title</b>' }).waitFor();
    await page.getByRole('main').getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('was deleted').waitFor();
    expect(await page.getByRole('link', { name: 'Changed <b>title</b>' }).count()).toBe(0);
  });
});
