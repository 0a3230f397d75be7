// @ts-check
/** Draws the icons that some systems want as PNG from public/icon.svg, with Chromium: `npm run icons`, after it changes. */
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const svg = await readFile(new URL('../public/icon.svg', import.meta.url), 'utf8');
const page = await browser.newPage();

/** @type {[name: string, size: number, isFull: boolean][]} */
const icons = [['icon-192', 192, false], ['icon-512', 512, false], ['icon-180', 180, true], ['icon-maskable-512', 512, true]];
for (const [name, size, isFull] of icons) {
  // Systems that cut icons to a shape of their own get one without round corners, and with its drawing well inside.
  const drawn = isFull ? svg.replace('rx="14"', 'rx="0"').replace('<path', '<g transform="translate(6.4 6.4) scale(.8)"><path').replace('</svg>', '</g></svg>') : svg;
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawn}`);
  await page.screenshot({ path: new URL(`../public/${name}.png`, import.meta.url).pathname, omitBackground: true });
}
await browser.close();
