import { expect, open, test } from '../fixtures';
import { builtBefore } from '../steps';

import type { Page, Route } from '@playwright/test';

// The viewer of a log that is longer than any that the tests could build: the page of a real build, whose lines and size
// the test replaces.
test.use({ world: 'log-viewer', permissions: ['clipboard-read', 'clipboard-write'] });
test.describe.configure({ mode: 'serial' });

const LINES = 120_000;
const SECTIONS = [
  { title: 'Prepare', first: 1, last: 100, failed: false },
  { title: 'Install packages', first: 101, last: 119_000, failed: true },
  { title: 'Push', first: 119_001, last: LINES, failed: false },
];

let job: string;
/** The numbers of the first lines that were read, in order. */
let reads: number[];
/** How many reads fail. */
let failing: number;

function text(number: number): string {
  const word = number % 10_000 === 0 ? 'needle' : 'line';
  return `2026-11-23T09:47:12.0000000Z \u001b[32m${word}\u001b[0m ${number} ${number === 500 ? 'x'.repeat(900) : ''}`;
}

function pageOf(first: number, count: number) {
  const numbers = Array.from({ length: Math.max(0, Math.min(count, LINES + 1 - first)) }, (_, at) => first + at);
  return { first, lines: numbers.map(text), size: { lines: LINES, bytes: 9_000_000 }, ended: true };
}

async function read(route: Route): Promise<void> {
  const { first, count } = route.request().postDataJSON() as { first: number; count: number };
  reads.push(first);
  if (failing > 0) {
    failing -= 1;
    await route.abort();
    return;
  }
  await route.fulfill({ json: pageOf(first, count) });
}

async function find(route: Route): Promise<void> {
  const { text: wanted } = route.request().postDataJSON() as { text: string };
  const lines = [];
  for (let number = 1; number <= LINES; number += 1) {
    if (text(number).slice(29).includes(wanted)) lines.push(number);
  }
  await route.fulfill({ json: { lines: lines.slice(0, 1_000), more: lines.length > 1_000 } });
}

type Sections = typeof SECTIONS;

/** The list of sections as the server renders it: the browser takes over what is there. */
function list(sections: Sections): string {
  const item = ({ title, first, last, failed }: Sections[number]) => {
    const badge = failed ? ' <span class="badge" data-tone="bad">Failed</span> ' : '<!>';
    const extent = `<span class="reason">${last + 1 - first} lines</span>`;
    return `<li><a href="${job}?from=1#L${first}"><span class="log-title"><bdi>${title}</bdi></span> ${extent}${badge}</a></li>`;
  };
  return `${sections.map(item).join('')}<!>`;
}

/** Replaces the size and the sections of the log in the page's data and in its markup. */
async function replace(route: Route, ended: boolean, sections: Sections): Promise<void> {
  const response = await route.fetch();
  const body = await response.text();
  const data = /(&quot;|")size\1:\{\1lines\1:\d+,\1bytes\1:\d+\},\1ended\1:(?:true|false),\1sections\1:\[.*?\],\1awaited/;
  const rendered = /(<ol [^>]*aria-label="Sections"[^>]*>).*?<\/ol>/;
  expect(body).toMatch(data);
  expect(body).toMatch(rendered);
  const start = { size: { lines: LINES, bytes: 9_000_000 }, ended, sections };
  const replaced = body
    .replace(data, (_, quote: string) => {
      // Without the braces.
      const text = JSON.stringify(start).slice(1, -1).replaceAll('"', quote);
      return `${text},${quote}awaited`;
    })
    .replace(rendered, (_, tag: string) => `${tag}${list(sections)}</ol>`);
  await route.fulfill({ response, body: replaced });
}

test.beforeAll(async ({ browser, console }) => {
  job = await builtBefore(browser, console, 'one');
});

test.beforeEach(async ({ page, signedInAs }) => {
  reads = [];
  failing = 0;
  await signedInAs('DataScientist');
  await page.route('**/api/read-job-log', read);
  await page.route('**/api/search-job-log', find);
  await page.route((url) => url.pathname === job, (route) => replace(route, true, SECTIONS));
});

function lines(page: Page) {
  return page.locator('.log-area');
}

async function rows(page: Page): Promise<number> {
  return page.locator('.log-rows > *').count();
}

async function scroll(page: Page, to: number): Promise<void> {
  await page.locator('.log-lines').evaluate((log, to) => log.scrollTo({ top: to * log.scrollHeight }), to);
}

async function isOnScreen(page: Page, number: number): Promise<boolean> {
  return page.locator(`#L${number}`).evaluate((line) => {
    const [inner, outer] = [line, line.closest('.log-lines')!].map((one) => one.getBoundingClientRect());
    return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  });
}

test('a long log opens with few lines and few rows', async ({ page }) => {
  await open(page, job);
  await expect(lines(page).getByRole('button', { name: /Push/ })).toBeVisible();
  expect(reads.length).toBeLessThanOrEqual(2);
  expect(await rows(page)).toBeLessThan(120);
  for (const to of [0.1, 0.5, 0.9, 0.3]) {
    await scroll(page, to);
    await expect(page.locator('.log-rows .log-line:not([data-waiting])').first()).toBeVisible();
    expect(await rows(page)).toBeLessThan(120);
  }
});

test('failed sections are open, others are closed, and both can be toggled', async ({ page }) => {
  await open(page, `${job}#L101`);
  const install = lines(page).getByRole('button', { name: /Install packages/ });
  await expect(install).toHaveAttribute('aria-expanded', 'true');
  await expect(install).toContainText('Failed');
  await install.click();
  await expect(page.locator('#L101')).toHaveCount(0);
  await expect(lines(page).getByRole('button')).toHaveCount(3);
  await lines(page).getByRole('button', { name: /Prepare/ }).click();
  await expect(page.locator('#L1')).toBeVisible();
  await page.reload();
  await expect(page.locator('#L101')).toBeVisible();
  await scroll(page, 0);
  await expect(lines(page).getByRole('button', { name: /Prepare/ })).toHaveAttribute('aria-expanded', 'true');
});

test('a link to a range opens its section, shows it and marks it', async ({ page }) => {
  await open(page, `${job}#L60-L62`);
  await expect(page.locator('#L60')).toHaveAttribute('data-marked', 'true');
  await expect(page.locator('[data-marked]')).toHaveCount(3);
  expect(await isOnScreen(page, 61)).toBe(true);
});

test('clicking numbers names lines in the address without moving the log', async ({ page }) => {
  await open(page, `${job}#L5000`);
  await expect(page.locator('#L5000')).toBeVisible();
  const top = () => page.locator('.log-lines').evaluate((log) => log.scrollTop);
  const before = await top();
  await page.getByRole('link', { name: 'Line 5002', exact: true }).click();
  await expect(page).toHaveURL(/#L5002$/);
  await page.getByRole('link', { name: 'Line 5005', exact: true }).click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(/#L5002-L5005$/);
  await expect(page.locator('[data-marked]')).toHaveCount(4);
  expect(await top()).toBe(before);
  await page.getByRole('button', { name: 'Copy 4 lines' }).click();
  await expect(page.getByText('Copied 4 lines.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe([5002, 5003, 5004, 5005].map(text).join('\n'));
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(page).toHaveURL(/\/jobs\/[^#]+$/);
});

test('a search goes from match to match with the keyboard', async ({ page }) => {
  await open(page, `${job}#L101`);
  await expect(page.locator('#L101')).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Find in the log' });
  await expect(field).toBeFocused();
  await field.fill('needle');
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 12 matching lines')).toBeVisible();
  await expect(page.locator('[data-current] mark')).toHaveText('needle');
  await page.keyboard.press('Enter');
  await expect(page.getByText('2 of 12 matching lines')).toBeVisible();
  await expect(page.locator('#L20000')).toHaveAttribute('data-current', 'true');
  expect(await isOnScreen(page, 20_000)).toBe(true);
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Shift+Enter');
  await expect(page.getByText('12 of 12 matching lines')).toBeVisible();
  await expect(page.locator('#L120000'), 'its section was closed').toBeVisible();
});

test('lines that cannot be loaded say so and offer another try', async ({ page }) => {
  await open(page, `${job}#L5000`);
  await expect(page.locator('#L5000')).toBeVisible();
  failing = 2;
  await scroll(page, 0.5);
  await expect(page.getByText('These lines could not be loaded.').first()).toBeVisible();
  failing = 0;
  for (const retry of await page.getByRole('button', { name: 'Try again' }).all()) await retry.click();
  await expect(page.locator('.log-rows .log-line:not([data-waiting])').first()).toBeVisible();
});

test('the arrow keys move from line to line', async ({ page }) => {
  await open(page, `${job}#L5000`);
  await page.getByRole('link', { name: 'Line 5000', exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: 'Line 5001', exact: true })).toBeFocused();
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('PageDown');
  await expect(page.getByRole('link', { name: 'Line 5061', exact: true })).toBeFocused();
  expect(await isOnScreen(page, 5_061)).toBe(true);
  await expect(page.locator('.log-rows a[tabindex="0"]')).toHaveCount(1);
});

test('wrapped lines keep the place, and settings survive a reload', async ({ page }) => {
  await open(page, `${job}#L510`);
  await expect(page.locator('#L510')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Wrap long lines' }).check();
  await expect.poll(() => page.locator('#L500').evaluate((line) => line.getBoundingClientRect().height)).toBeGreaterThan(40);
  await expect.poll(() => isOnScreen(page, 510)).toBe(true);
  const [last, next] = await Promise.all([500, 501].map((n) => page.locator(`#L${n}`).boundingBox()));
  expect(next!.y).toBeGreaterThanOrEqual(last!.y + last!.height - 1);
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Wrap long lines' })).toBeChecked();
});

test('new lines are followed at the end, and counted elsewhere', async ({ page }) => {
  // The stream of a job that still runs: three lines, then three more.
  const event = (first: number, ended: boolean) => {
    const lines = [0, 1, 2].map((at) => `new ${first + at}`);
    const page = { first, lines, size: { lines: first + 2, bytes: 9_000_100 }, ended };
    return `event: lines\nid: ${first + 2}\ndata: ${JSON.stringify(page)}\n\n`;
  };
  let streams = 0;
  let goOn = () => {};
  const scrolled = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(
    (url) => url.pathname === `${`/events${job}`}/log`,
    async (route) => {
      streams += 1;
      if (streams > 1) await scrolled;
      const body = streams === 1 ? event(LINES + 1, false) : event(LINES + 4, true);
      await route.fulfill({ contentType: 'text/event-stream', body: `retry: 300\n\n${body}` });
    },
  );
  await page.route((url) => url.pathname === job, (route) => replace(route, false, []));
  await page.route('**/api/read-job-sections', (route) => route.fulfill({ json: [] }));
  await open(page, job);
  await expect(page.locator(`#L${LINES + 3}`)).toBeVisible();
  expect(await isOnScreen(page, LINES + 3)).toBe(true);
  await page.locator('.log-lines').evaluate((log) => log.scrollBy({ top: -2_000 }));
  await expect(page.getByRole('button', { name: 'Jump to end', exact: true })).toBeVisible();
  goOn();
  await expect(page.getByRole('button', { name: 'Jump to end (3 lines new)' })).toBeVisible();
  await page.getByRole('button', { name: 'Jump to end (3 lines new)' }).click();
  await expect(page.locator(`#L${LINES + 6}`)).toBeVisible();
  // The log has ended, so nobody asks for more.
  const again = page.waitForRequest((request) => request.url().includes(`/events${job}/log`), { timeout: 1_500 });
  await expect(again).rejects.toThrow();
  expect(streams).toBe(2);
});

test('the viewer has no axe findings', async ({ page, a11y }) => {
  await open(page, `${job}#L101`);
  await expect(page.locator('#L101')).toBeVisible();
  await a11y();
});
