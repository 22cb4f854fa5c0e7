// What every spec starts from: a console of its own, people who sign in, Azure in our hand, and axe.

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

import { launch } from './launch.mjs';

export { expect };

/** What a person may do. */
export type Role = 'Viewer' | 'DataScientist' | 'Lead' | 'Auditor' | 'Admin' | 'None';

/** The emulator's people, as the buttons of its account picker begin. */
export const PEOPLE: Record<Role, string> = {
  Viewer: 'Vera Viewer',
  DataScientist: 'Dana Scott',
  Lead: 'Leo Lead',
  Auditor: 'Ada Auditor',
  Admin: 'Amir Admin',
  None: 'Nora Norole',
};

export interface Console {
  url: string;
  emulator: string;
  data: string;
  pid: number;
  stop: () => Promise<void>;
  log: () => string;
}

/** Which requests to the emulator a fault meets; what is left out matches everything. */
export interface Fault {
  match?: { method?: string; path_contains?: string };
  times?: number;
  respond: 'drop' | 'garbage' | 'hang' | { status: number; retry_after?: number; body?: unknown };
}

/** One request that changes something, as the emulator saw it. */
export interface Write {
  method: string;
  path: string;
  status: number;
  body: { properties?: Record<string, unknown> } | null;
}

/** Something of ARM's. */
export interface Resource {
  location: string;
  sku?: unknown;
  properties: Record<string, unknown>;
}

/** Azure, as far as a test may push it. */
export class Emulator {
  constructor(private readonly url: string) {}

  /** Lets simulated time pass. */
  async advance(seconds: number): Promise<void> {
    await this.post('clock/advance', { seconds });
  }

  /** The next requests that match go wrong. */
  async fault(fault: Fault): Promise<void> {
    await this.post('faults', fault);
  }

  /** What the console asked Azure to change, oldest first. */
  async writes(): Promise<Write[]> {
    const response = await fetch(`${this.url}/emulator/writes`);
    return ((await response.json()) as { value: Write[] }).value;
  }

  /** Speaks ARM, as somebody who works with Azure elsewhere. */
  async arm(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<Resource> {
    const response = await fetch(`${this.url}${path}?api-version=2025-12-01`, {
      method,
      headers: { authorization: 'Bearer somebody', 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Resource;
  }

  /** The ARM path of the production stage's endpoint. */
  async production(): Promise<string> {
    const about = (await (await fetch(this.url)).json()) as { workspaces: string[] };
    const workspace = about.workspaces.find((id) => id.endsWith('prod'));
    return `${workspace}/onlineEndpoints/anet-ep-prod`;
  }

  /** Nothing goes wrong any more. */
  async clearFaults(): Promise<void> {
    await this.send('DELETE', 'faults');
  }

  private post(path: string, body: unknown): Promise<void> {
    return this.send('POST', path, body);
  }

  private async send(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.url}/emulator/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${method} /emulator/${path}: ${response.status} ${await response.text()}`);
    }
  }
}

interface TestFixtures {
  /** Signs in as someone with this role and lands on the overview. */
  signedInAs: (role: Role) => Promise<void>;
  emulator: Emulator;
  /** Fails on any finding of axe, in light and in dark. */
  a11y: () => Promise<void>;
  /** Fails the test afterwards if the browser complained. */
  quiet: void;
}

interface WorkerFixtures {
  /** Files that name different worlds never share a console. */
  world: string;
  /** What the console is started with besides. */
  flags: string[];
  console: Console;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  world: ['shared', { option: true, scope: 'worker' }],
  flags: [[], { option: true, scope: 'worker' }],

  console: [
    async ({ world: _, flags }, use) => {
      const console = (await launch(flags)) as Console;
      await use(console);
      await console.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ console }, use) => use(console.url),

  emulator: async ({ console }, use) => {
    const emulator = new Emulator(console.emulator);
    await use(emulator);
    await emulator.clearFaults();
  },

  page: async ({ page, javaScriptEnabled }, use) => {
    if (javaScriptEnabled !== false) await page.addInitScript(noticeHydration);
    await use(page);
  },

  signedInAs: async ({ page }, use) => {
    await use((role) => signIn(page, role));
  },

  a11y: async ({ page, javaScriptEnabled }, use) => {
    await use(async () => {
      if (javaScriptEnabled === false) {
        throw new Error('axe is a script: call a11y() in a *.hydrate.spec.ts');
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await settle(page);
        // A page that is just being drawn may still have one scheme's ink on the other's paper; what is
        // really wrong stays wrong.
        await expect
          .configure({ soft: true })
          .poll(() => findings(page), { message: `axe, ${colorScheme}`, timeout: 10_000 })
          .toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    });
  },

  quiet: [
    async ({ page, console, javaScriptEnabled }, use, info) => {
      const complaints: string[] = [];
      // A phone's viewport changes as a page is laid out; the animation is skipped, nothing else.
      const isSkipped = (error: Error) => /Transition was (aborted|skipped)/.test(error.message);
      page.on('pageerror', (error) => {
        if (!isSkipped(error)) complaints.push(String(error));
      });
      page.on('console', (message) => {
        // A refused request is often the point of a test; what the page says about it is tested.
        const isRefusal = message.text().startsWith('Failed to load resource');
        // Without scripts nothing uses the module that is preloaded for them.
        const isUnused = javaScriptEnabled === false && message.text().includes('link preload');
        if (['error', 'warning'].includes(message.type()) && !isRefusal && !isUnused) {
          complaints.push(message.text());
        }
      });
      await use();
      if (info.status !== info.expectedStatus) {
        await info.attach('server.log', { body: console.log(), contentType: 'text/plain' });
      }
      expect(complaints, 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],
});

/** Sets `awake` once the islands have been hydrated, which happens right after the module is there. */
function noticeHydration(): void {
  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const started = await start(...given);
    setTimeout(() => Object.assign(window, { awake: true }));
    return started;
  };
}

/** Waits until the page's islands take input; without scripts they always do. */
export async function awake(page: Page): Promise<void> {
  if (test.info().project.use.javaScriptEnabled === false) return;
  await page.waitForFunction(() => 'awake' in window);
}

/** Goes to a page and waits until it takes input. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await awake(page);
}

/** From any page of an anonymous person: to the picker and through it. */
export async function pick(page: Page, role: Role): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: PEOPLE[role] }).click();
}

async function signIn(page: Page, role: Role): Promise<void> {
  await page.goto('/sign-in');
  await pick(page, role);
  await page.waitForURL((url) => url.pathname === '/');
}

/** Lets every colour arrive: axe would measure the contrast half-way from light to dark. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      try {
        animation.finish();
      } catch {
        // One without an end cannot be finished.
        animation.cancel();
      }
    }
  });
}

/** One line per finding: the rule and where. */
async function findings(page: Page): Promise<string[]> {
  const results = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`),
  );
}
