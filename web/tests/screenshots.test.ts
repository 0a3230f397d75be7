/** Pictures of every view, for eyes: `SCREENSHOTS=1 npm run test:browser -- screenshots` writes them to tests/screenshots. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launch, open, say, serve } from './browser';

const DIRECTORY = new URL('./screenshots/', import.meta.url).pathname;
const SIZES = { wide: { width: 1440, height: 900 }, medium: { width: 1024, height: 768 }, phone: { width: 390, height: 844 } };

describe.runIf(process.env['SCREENSHOTS'])('pictures', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  let empty: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    browser = await launch();
    server = await serve();
    empty = await serve({ hasModel: false });
    const { page, goto, context } = await open(browser, server.program.url);
    await goto();
    for (const text of ['Thoughts on the garden plan', 'How do I bake bread with rye?', 'think about the deadline']) {
      await say(page, text);
      await page.getByRole('button', { name: 'Copy the answer' }).waitFor();
      await page.getByRole('link', { name: 'New conversation' }).first().click();
    }
    await say(page, 'How should our client retry? Please answer in markdown, with an example in Rust.');
    await page.getByRole('button', { name: 'Copy the answer' }).waitFor();
    await say(page, 'please think about it once more');
    await page.getByText('42').waitFor();
    await context.close();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await empty.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      it(`${colorScheme} ${size}`, async () => {
        const { page, goto, context } = await open(browser, server.program.url, { viewport, colorScheme, isMobile: size === 'phone', hasTouch: size === 'phone' });
        const picture = (name: string) => page.screenshot({ path: `${DIRECTORY}${name}-${colorScheme}-${size}.png` });
        await goto();
        await page.getByText('What is on your mind?').waitFor();
        await page.waitForTimeout(250);
        await picture('start');
        if (size !== 'wide') {
          await page.getByRole('button', { name: 'Conversations' }).click();
          await page.waitForTimeout(150);
          await picture('list');
        }
        await page.getByText('How should our client').first().click();
        await page.getByText('42').waitFor();
        await page.waitForTimeout(400);
        await picture('chat-end');
        await page.locator('.scroller').evaluate((scroller) => scroller.scrollTo(0, 0));
        await page.waitForTimeout(200);
        await picture('chat');
        await page.goto(`${server.program.url}settings`);
        await page.getByText('Theme').waitFor();
        await picture('settings');
        await page.goto(empty.program.url);
        await page.getByText('Choose a model').waitFor();
        await page.waitForTimeout(400);
        await picture('first');
        await context.close();
      });
    }
  }
});
