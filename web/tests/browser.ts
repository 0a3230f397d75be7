/**
 * What every test of the page in a browser stands on: the built program with a home of its own, a model's server that answers
 * by a script, and Chromium as Debian packages it. `LOREKEEP_BIN` and `CHROMIUM_BIN` name other programs.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { startModelServer } from './model-server.mjs';

const PROGRAM = process.env['LOREKEEP_BIN'] ?? fileURLToPath(new URL('../../target/debug/lorekeep', import.meta.url));
const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const TOOL_SERVER = fileURLToPath(new URL('./tool-server.mjs', import.meta.url));
const TOOL_SERVERS = {
  mcp_servers: [{ type: 'command', name: 'desk', command: process.execPath, args: [TOOL_SERVER], approval: { '*': 'never', echo: 'once', guarded: 'always' } }],
};

/** Whether times are held against what they are to reach: with `SPEED=1`, on a machine that does nothing else. Otherwise they are printed. */
export const measuresTime = process.env['SPEED'] === '1';

export interface ServeOptions {
  /** Whether a model is set up. */
  hasModel?: boolean;
  /** Whether everybody is let in. */
  isOpen?: boolean;
  /** Lines of `config.toml`. */
  settings?: string;
  port?: number;
  /** Whether there is a server of tools, `desk` (`tests/tool-server.mjs`). */
  hasTools?: boolean;
}

/** A server that runs; `url` is its address with a slash at its end. */
export class RunningProgram {
  url = '';
  /** What it says, such as the one-time link. */
  said = '';
  #process: ChildProcess | undefined;
  readonly home: string;
  readonly #options: ServeOptions;
  readonly #model: string;

  constructor(home: string, model: string, options: ServeOptions) {
    this.home = home;
    this.#model = model;
    this.#options = options;
  }

  async start(): Promise<this> {
    const { hasModel = true, isOpen = true, settings = '', port = 0, hasTools = false } = this.#options;
    await mkdir(join(this.home, 'lorekeep'), { recursive: true });
    await writeFile(join(this.home, 'lorekeep', 'config.toml'), settings);
    if (hasTools) await writeFile(join(this.home, 'lorekeep', 'mcp.json'), JSON.stringify(TOOL_SERVERS));
    const env = {
      PATH: process.env['PATH'], HOME: this.home, LOREKEEP_HOME: join(this.home, 'lorekeep'),
      ...(hasModel ? { MODEL__URL: this.#model, MODEL__NAME: 'scripted' } : {}),
    };
    const listenAt = this.url ? new URL(this.url).host : `127.0.0.1:${port}`;
    const args = ['serve', '--addr', listenAt, ...(isOpen ? ['--no-auth'] : [])];
    const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    // Tests that are cut off leave nothing that runs.
    process.once('exit', () => child.kill('SIGKILL'));
    this.said = '';
    await new Promise<void>((resolve, reject) => {
      child.once('close', (code) => reject(new Error(`the program ended with ${code}: ${this.said}`)));
      child.stderr?.on('data', (piece: Buffer) => {
        this.said += piece.toString();
        const url = /serving on (http:\S+)/.exec(this.said)?.[1];
        if (!url) return;
        this.url = url;
        resolve();
      });
    });
    return this;
  }

  /** Ends it as Ctrl-C does; `start` begins it again at the same address. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await ended;
  }
}

/** A server with a home of its own. It ends, and its home goes, with `close`. */
export async function serve(options: ServeOptions = {}) {
  const home = await mkdtemp(join(tmpdir(), 'lorekeep-page-'));
  const model = await startModelServer();
  const program = await new RunningProgram(home, model.url, options).start();
  const close = async () => {
    await program.stop();
    model.close();
    await rm(home, { recursive: true, force: true });
  };
  return { program, close };
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true });
}

/** A page of a browser that knows nothing, and all that went wrong in it: errors, and what the policy refused. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options });
  const page = await context.newPage();
  return { context, page, problems: await watched(page), goto: () => page.goto(url) };
}

/** Notes errors, warnings and violations of the policy in a page. */
export async function watched(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  await page.exposeFunction('noteViolation', (text: string) => void problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { noteViolation } = globalThis as unknown as { noteViolation: (text: string) => void };
      noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
    });
  });
  return problems;
}

/** Writes a message and sends it. */
export async function say(page: Page, text: string): Promise<void> {
  const input = page.getByRole('textbox', { name: 'Message' });
  await input.fill(text);
  await input.press('Enter');
}

/** The text of the last answer as it is shown. */
export async function lastAnswer(page: Page): Promise<string> {
  return (await page.locator('article.answer .prose').last().textContent({ timeout: 10_000 })) ?? '';
}

const AXE_PATH = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe has against a page as it is. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE_PATH, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}

/** Writes a file below a home. */
export async function writeBelow(home: string, path: string, text: string): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** Imports messages of the generic format into the archive of a program that runs or not. */
export async function importMessages(home: string, messages: object[]): Promise<void> {
  const file = await writeBelow(home, 'import.jsonl', messages.map((message) => JSON.stringify(message)).join('\n') + '\n');
  const env = { PATH: process.env['PATH'], HOME: home, LOREKEEP_HOME: join(home, 'lorekeep') };
  await promisify(execFile)(PROGRAM, ['import', file, '--source', 'jsonl', '--no-embed'], { env });
}
