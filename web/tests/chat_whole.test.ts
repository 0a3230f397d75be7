/** What a person does with messages and conversations: edits, variants, forks, undo, queue, settings, search, files, keys. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { lastAnswer, launch, open, say, serve } from './browser';
import { violations } from './accessible';

const COPY = { name: 'Copy the answer' };
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGNgaPiPHdFQouE/AMiXP8GhuHrmAAAAAElFTkSuQmCC', 'base64');

const answered = (page: Page, count = 1) => expect.poll(() => page.getByRole('button', COPY).count()).toBe(count);
const hover = (page: Page, who: 'person' | 'answer') => page.locator(`article.${who}`).last().hover();

describe('the whole chat', () => {
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
    tab.page.setDefaultTimeout(8000);
    await tab.goto();
  });

  afterEach(async () => {
    expect(await tab.page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
    await tab.context.close();
    expect(tab.problems).toEqual([]);
  });

  it('answers again beside the first answer, and switches between them', async () => {
    const { page } = tab;
    await say(page, 'Say it twice');
    await answered(page);
    await page.getByRole('button', { name: 'Answer again' }).click();
    const variants = page.getByRole('group', { name: 'Variants' });
    await expect.poll(() => variants.textContent()).toMatch(/2.*2/);
    expect(await page.locator('article').count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    await variants.getByRole('button', { name: 'The variant before' }).click();
    await expect.poll(() => variants.textContent()).toMatch(/1.*2/);
    await page.reload();
    await expect.poll(() => variants.textContent()).toMatch(/1.*2/);
  });

  it('edits either side, and says something else in its place', async () => {
    const { page } = tab;
    await say(page, 'A first question');
    await answered(page);
    await page.getByRole('button', { name: 'Edit the answer' }).click();
    const editor = page.getByRole('textbox', { name: 'The new text' });
    await editor.fill('Mine <b>now</b>');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Mine <b>now</b>').waitFor();
    await hover(page, 'person');
    await page.getByRole('button', { name: 'Edit your message' }).click();
    await editor.fill('Another question');
    await editor.press('Control+Enter');
    await page.getByText('You said: Another question').waitFor();
    expect(await page.locator('article').count()).toBe(2);
    await hover(page, 'person');
    await page.locator('article.person').getByRole('button', { name: 'The variant before' }).click();
    await page.getByText('Mine <b>now</b>').waitFor();
  });

  it('deletes a message with a way back, and forks', async () => {
    const { page } = tab;
    await say(page, 'To be deleted');
    await answered(page);
    await page.getByRole('button', { name: 'More for the answer' }).click();
    await page.getByRole('menuitem', { name: 'Delete this message' }).click();
    await expect.poll(() => page.locator('article.answer').count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await answered(page);
    const before = page.url();
    await page.getByRole('button', { name: 'More for the answer' }).click();
    await page.getByRole('menuitem', { name: 'New conversation from here' }).click();
    await expect.poll(() => page.url()).not.toBe(before);
    await page.getByText('You said: To be deleted').waitFor();
  });

  it('continues an answer that was stopped', async () => {
    const { page } = tab;
    await say(page, 'slow 2000');
    await expect.poll(() => lastAnswer(page)).toContain('w20');
    await page.getByRole('button', { name: 'Stop the answer' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await answered(page);
    await page.getByText('You stopped this answer.').waitFor({ state: 'hidden' });
    expect(await page.locator('article').count()).toBe(2);
  });

  it('queues what is said while it answers, and lets it be taken back', async () => {
    const { page } = tab;
    await say(page, 'slow 400');
    await expect.poll(() => lastAnswer(page)).toContain('w10');
    await say(page, 'Second');
    await say(page, 'Third');
    await page.getByText('Waits until the answer before is complete.').first().waitFor();
    await page.getByRole('button', { name: 'Don’t send' }).last().click();
    await page.getByText('You said: Second').waitFor();
    expect(await page.getByText('You said: Third').count()).toBe(0);
  });

  it('sends pictures that are dropped, picked or kept in a draft, and documents as knowledge', async () => {
    const { page } = tab;
    const picker = page.locator('form input[type=file]');
    await picker.setInputFiles([{ name: '<img onerror=x>.png', mimeType: 'image/png', buffer: PICTURE }]);
    await page.getByText('<img onerror=x>.png').waitFor();
    await expect.poll(() => page.evaluate(() => localStorage.getItem('lorekeep.files.new'))).toContain('image/png');
    await page.reload();
    await page.getByText('<img onerror=x>.png').waitFor();
    await picker.setInputFiles([{ name: 'ship.md', mimeType: 'text/markdown', buffer: Buffer.from('# Log\n\nThe mate signs the log.\n') }]);
    expect(await violations(page)).toEqual([]);
    await say(page, 'Who signs the log?');
    await answered(page);
    await expect.poll(() => page.locator('article.person img').evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8);
    const id = page.url().split('/').at(-1);
    const documents = await page.evaluate(async (of) => (await fetch(`/api/knowledge?conversation=${of}`)).json(), id) as { documents: { name: string }[] };
    expect(documents.documents.map(({ name }) => name)).toEqual(['ship.md']);
    await picker.setInputFiles([{ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }]);
    await page.getByRole('listitem').filter({ hasText: 'broken.png' }).getByRole('alert').waitFor();
    // The browser itself tells of the refused request.
    tab.problems.splice(0);
  });

  it('keeps settings of a conversation, and shows what was sent', async () => {
    const { page } = tab;
    await say(page, 'With settings');
    await answered(page);
    await page.getByRole('button', { name: 'Settings of this conversation' }).click();
    const panel = page.getByRole('region', { name: 'Settings of this conversation' });
    await panel.getByLabel('Instructions').fill('Be brief.');
    await panel.getByLabel('temperature').fill('0.3');
    await panel.getByLabel('Tags').fill('garden, spring');
    await panel.getByLabel('Project').fill('orchard');
    await panel.getByLabel('Project').press('Tab');
    await page.getByText('orchard /').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
    await say(page, 'And now');
    await answered(page, 2);
    await page.getByRole('button', { name: 'More for the answer' }).last().click();
    await page.getByRole('menuitem', { name: 'What was sent' }).click();
    const sent = page.getByRole('region', { name: 'What was sent' });
    await sent.getByText('0.3').waitFor();
    await sent.getByText('system').click();
    await sent.getByText('Be brief.').last().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Projects, tags, archive' }).click();
    await page.getByRole('button', { name: '#garden' }).click();
    await expect.poll(() => page.locator('nav li a .title').count()).toBe(1);
  });

  it('finds conversations by what was said, and archives them', async () => {
    const { page } = tab;
    await say(page, 'The heron stands by the weir');
    await answered(page);
    await page.getByRole('searchbox', { name: 'Search conversations' }).fill('heron');
    await page.getByText(/1 conversation found/).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('main').getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await page.getByText('was archived').waitFor();
    expect(await page.getByRole('link', { name: 'The heron stands by the weir' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'The heron stands by the weir' }).waitFor();
  });

  it('brings a deleted conversation back', async () => {
    const { page } = tab;
    await say(page, 'Not so fast');
    await answered(page);
    await page.getByRole('main').getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect.poll(() => page.getByRole('link', { name: 'Not so fast' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Not so fast' }).click();
    await answered(page);
  });

  it('talks as a character, and off the record', async () => {
    const { page } = tab;
    await page.getByRole('button', { name: 'Off the record' }).click();
    await page.getByText('nothing of this conversation is kept').waitFor();
    await page.getByRole('button', { name: 'Maren' }).click();
    await page.getByRole('heading', { name: 'Maren' }).waitFor();
    await page.getByText('Off the record').first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('shows maths, and leaves money alone', async () => {
    const { page } = tab;
    await say(page, 'a formula');
    await page.locator('math').nth(2).waitFor();
    expect(await page.locator('.prose').last().textContent()).toContain('It costs $5 or $10');
    expect(await page.locator('.prose math a, .prose math [href], .prose math [style]').count()).toBe(0);
    expect(await page.locator('.prose code').textContent()).toBe('$$x$$');
  });

  it('previews a page where it reaches nothing', async () => {
    const { page } = tab;
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await say(page, 'a preview');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await page.frameLocator('iframe.preview').getByText('It runs alone').waitFor();
    expect(requests.filter((url) => !url.startsWith(server.program.url))).toEqual([]);
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    expect(await page.locator('iframe').count()).toBe(0);
    // What the frame tried is refused by its policy, which the browser tells.
    expect(tab.problems.every((problem) => /tracker\.invalid|connect-src|Blocked a frame/.test(problem))).toBe(true);
    tab.problems.splice(0);
  });

  it('does things by the palette, and lists keys', async () => {
    const { page } = tab;
    await page.getByText('What is on your mind?').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('settings');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('Theme').waitFor();
    await page.locator('#content').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });
});
