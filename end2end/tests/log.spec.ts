import { expect, open, test } from '../fixtures';
import { builtBefore } from '../steps';

import type { Page } from '@playwright/test';

// The log of a build.
test.use({ world: 'log' });
test.describe.configure({ mode: 'serial' });

let job: string;

test.beforeAll(async ({ browser, console }) => {
  job = await builtBefore(browser, console, 'one');
});

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

function log(page: Page) {
  return page.getByRole('region', { name: 'Log', exact: true });
}

test('a line of the log can be linked', async ({ page }) => {
  await open(page, `${job}?from=1#L2`);
  const line = page.locator('#L2');
  await expect(line).toBeVisible();
  const link = line.getByRole('link', { name: 'Line 2', exact: true });
  expect(await link.getAttribute('href')).toBe('#L2');
});

test('a search lists the matching lines or goes to them', async ({ page }) => {
  const text = 'step';
  await open(page, job);
  await log(page).getByRole('searchbox', { name: 'Find in the log' }).fill(text);
  await log(page).getByRole('button', { name: 'Find' }).click();
  const matches = log(page).locator('mark');
  await expect(matches.first()).toBeVisible();
  await expect(matches.first()).toHaveText(new RegExp(`^${text}$`, 'i'));
  await expect(log(page).getByText(/matching line|contains? “step”/)).toBeVisible();
});

test('a text that is nowhere in the log is said to be nowhere', async ({ page }) => {
  await open(page, job);
  await log(page).getByRole('searchbox', { name: 'Find in the log' }).fill('xyzzy-nowhere');
  await log(page).getByRole('button', { name: 'Find' }).click();
  await expect(log(page).getByText(/No line (matches|contains)/)).toBeVisible();
});

test('long lines scroll inside of the log and never the page', async ({ page }) => {
  await open(page, job);
  await expect(page.locator('.log-lines').first()).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
});

test('timestamps and wrapping are settings', async ({ page }) => {
  await open(page, `${job}?from=1`);
  await expect(page.locator('.log-lines').first()).toBeVisible();
  const wraps = () =>
    page.locator('.log-text').first().evaluate((text) => getComputedStyle(text).whiteSpace);
  expect(await wraps()).toBe('pre');
  await log(page).getByRole('checkbox', { name: 'Wrap long lines' }).check();
  expect(await wraps()).toBe('pre-wrap');
  await log(page).getByRole('checkbox', { name: 'Timestamps (UTC)' }).check();
  // Lines of a closed section are not shown.
  const times = page.locator('.log-line:visible .log-time');
  expect(await times.count()).toBeGreaterThan(0);
  for (const time of await times.all()) await expect(time).toBeVisible();
});

test('the whole log can be downloaded', async ({ page }) => {
  await open(page, job);
  const link = log(page).getByRole('link', { name: 'Download the log' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/^build-.*\.log$/);
});
