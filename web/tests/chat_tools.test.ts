/** Tools in a conversation: cards, approvals, questions, pictures, prompts, and nothing of what they say is more than text. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Browser } from 'playwright-core';
import { launch, open, say, serve } from './browser';
import { violations } from './accessible';

const SAID = 'That is what it said.';

describe('tools in the chat', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let tab: Awaited<ReturnType<typeof open>>;

  beforeAll(async () => {
    browser = await launch();
    server = await serve({ hasTools: true });
    // Tools are listed in the background after the start.
    const hasTools = async () => {
      const answer = await fetch(new URL('api/mcp-servers', server.program.url));
      return ((await answer.json()) as { servers: { tools: unknown[] }[] }).servers[0]?.tools.length;
    };
    await vi.waitFor(async () => expect(await hasTools()).toBe(5), { timeout: 15_000, interval: 200 });
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  beforeEach(async () => {
    tab = await open(browser, server.program.url);
    tab.page.setDefaultTimeout(8000);
    await tab.goto();
  });

  afterEach(async () => {
    expect(await tab.page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
    await tab.context.close();
    expect(tab.problems).toEqual([]);
  });

  it('asks before a call, with all that would leave, and remembers the answer', async () => {
    const { page } = tab;
    await say(page, 'call echo with the quinces');
    const card = page.getByRole('region', { name: 'May desk / echo be called?' });
    await card.getByText('text: the quinces').waitFor();
    await card.getByRole('timer').waitFor();
    expect(await violations(page)).toEqual([]);
    await card.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText(SAID).waitFor();
    expect(await card.count()).toBe(0);
    await page.getByText('desk / echo').click();
    await page.getByText('the quinces <img').waitFor();
    await page.reload();
    await page.getByText('desk / echo').waitFor();
    // The call stands where it was made: behind what was said first.
    const text = await page.locator('article.answer').textContent();
    expect(text?.indexOf('Let me look.')).toBeLessThan(text?.indexOf('desk / echo') ?? 0);
    await say(page, 'call echo with more');
    await page.getByText(SAID).nth(1).waitFor();
  });

  it('makes no call that was denied, and says so', async () => {
    const { page } = tab;
    await say(page, 'call guarded with a secret plan');
    const card = page.getByRole('region', { name: 'May desk / guarded be called?' });
    await card.waitFor();
    expect(await card.getByRole('button', { name: 'Always allow this tool' }).count()).toBe(0);
    await card.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('not allowed').first().waitFor();
  });

  it('opens a call that failed by itself', async () => {
    const { page } = tab;
    await say(page, 'call fail');
    await page.getByText('It broke <img').waitFor();
  });

  it('shows a picture in place, with a way to keep it', async () => {
    const { page } = tab;
    await say(page, 'call picture');
    const picture = page.getByRole('img', { name: 'Picture' });
    await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8);
    await page.getByRole('link', { name: /^Download/ }).waitFor();
    await page.getByText(SAID).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('asks what a tool wants to know in a form', async () => {
    const { page } = tab;
    await say(page, 'call ask');
    const form = page.getByRole('form', { name: 'desk asks you' });
    await form.getByRole('button', { name: 'Send the answer' }).click();
    expect(await form.count()).toBe(1);
    await form.getByLabel('City').fill('Cairo');
    await form.getByLabel('Days').fill('3');
    await form.getByLabel('Size').selectOption('large');
    await form.getByLabel('Breakfast').check();
    expect(await violations(page)).toEqual([]);
    await form.getByRole('button', { name: 'Send the answer' }).click();
    await page.getByText(SAID).waitFor();
    await page.getByText('desk / ask').click();
    await page.getByText('"city":"Cairo"').waitFor();
  });

  it('offers prompts with `/`, and fills them in', async () => {
    const { page } = tab;
    const input = page.getByRole('textbox', { name: 'Message' });
    await input.fill('/rev');
    await page.getByRole('option', { name: 'desk/review' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await input.press('Enter');
    await page.getByRole('dialog').getByLabel('topic').fill('the garden');
    await page.getByRole('dialog').getByRole('button', { name: 'Use' }).click();
    await expect.poll(() => input.inputValue()).toBe('Please look at the garden');
  });
});
