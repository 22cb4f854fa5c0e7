// The fixtures of all specs: a console, people who sign in, the emulated Azure, and axe.

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

import { launch } from './launch.mjs';

export { expect };

/** A person's role. */
export type Role = 'Viewer' | 'DataScientist' | 'Lead' | 'Auditor' | 'Admin' | 'None';

/** The emulator's people; the buttons of its account picker start with these names. */
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

/** Which requests to the emulator a fault affects; omitted fields match everything. */
export interface Fault {
  match?: { method?: string; path_contains?: string };
  times?: number;
  respond: 'drop' | 'garbage' | 'hang' | { status: number; retry_after?: number; body?: unknown };
}

/** A write request that the emulator received. */
export interface Write {
  method: string;
  path: string;
  status: number;
  body: { properties?: Record<string, unknown> } | null;
}

/** An ARM resource. */
export interface Resource {
  location: string;
  sku?: unknown;
  properties: Record<string, unknown>;
}

/** Controls the emulated Azure. */
export class Emulator {
  constructor(private readonly url: string) {}

  /** Advances simulated time. */
  async advance(seconds: number): Promise<void> {
    await this.post('clock/advance', { seconds });
  }

  /** Makes the next matching requests fail. */
  async fault(fault: Fault): Promise<void> {
    await this.post('faults', fault);
  }

  /** The console's write requests to Azure, oldest first. */
  async writes(): Promise<Write[]> {
    const response = await fetch(`${this.url}/emulator/writes`);
    return ((await response.json()) as { value: Write[] }).value;
  }

  /** Sends an ARM request, as another Azure client would. */
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

  /** Commits files to the team's repository, as a member of the team would. */
  async commit(change: { branch: string; files: Record<string, File>; message: string }): Promise<void> {
    await this.post('github/commit', change);
  }

  /** Removes all faults. */
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

/** A file's content: text, or bytes. */
export type File = string | { base64: string };

interface TestFixtures {
  /** Signs in as a person with this role, which leads to the overview. */
  signedInAs: (role: Role) => Promise<void>;
  emulator: Emulator;
  /** Fails on any axe finding, in light and dark mode; on a phone, in light mode. */
  a11y: () => Promise<void>;
  /** Fails the test at its end if the browser reported errors or warnings. */
  quiet: void;
}

interface WorkerFixtures {
  /** Spec files with different worlds never share a console. */
  world: string;
  /** Additional flags of the console. */
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
      // Colours do not depend on the screen's size.
      const isPhone = test.info().project.name === 'mobile';
      for (const colorScheme of isPhone ? (['light'] as const) : (['light', 'dark'] as const)) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await settle(page);
        // During rendering, one scheme's text may be on the other's background, so poll: real findings persist.
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
      // A phone's viewport changes during layout, which only skips the transition.
      const isSkipped = (error: Error) => /Transition was (aborted|skipped)/.test(error.message);
      page.on('pageerror', (error) => {
        if (!isSkipped(error)) complaints.push(String(error));
      });
      page.on('console', (message) => {
        // Tests send rejected requests on purpose, and check what the page says about them.
        const isRefusal = message.text().startsWith('Failed to load resource');
        // Without scripts, the preloaded module stays unused.
        const isUnused = javaScriptEnabled === false && message.text().includes('link preload');
        if (['error', 'warning'].includes(message.type()) && !isRefusal && !isUnused) {
          complaints.push(message.text());
        }
      });
      await use();
      if (info.status !== info.expectedStatus) {
        await info.attach('server.log', { body: console.log(), contentType: 'text/plain' });
      }
      expect(complaints, 'errors and warnings of the browser').toEqual([]);
    },
    { auto: true },
  ],
});

/** Sets `awake` once the islands are hydrated, right after the module is instantiated. */
function noticeHydration(): void {
  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const started = await start(...given);
    setTimeout(() => Object.assign(window, { awake: true }));
    return started;
  };
}

/** Waits until the page's islands accept input; without scripts, pages always do. */
export async function awake(page: Page): Promise<void> {
  if (test.info().project.use.javaScriptEnabled === false) return;
  await page.waitForFunction(() => 'awake' in window);
}

/** Opens a page and waits until it accepts input. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await awake(page);
}

/** Signs in from any page for anonymous people, through the account picker. */
export async function pick(page: Page, role: Role): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: PEOPLE[role] }).click();
}

/** Signs in as a person with this role, which leads to the overview. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await page.goto('/sign-in');
  await pick(page, role);
  await page.waitForURL((url) => url.pathname === '/');
}

/** Finishes all animations: otherwise axe measures the contrast between light and dark. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      try {
        animation.finish();
      } catch {
        // An infinite animation cannot be finished.
        animation.cancel();
      }
    }
  });
}

/** One line per finding: the rule and its location. */
async function findings(page: Page): Promise<string[]> {
  const results = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`),
  );
}
