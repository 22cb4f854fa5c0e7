import { expect, open, PEOPLE, test } from '../fixtures';
import { PAGES } from '../pages';
import { ENDPOINT, PRIMARY, share } from '../steps';

import type { BrowserContext, Page } from '@playwright/test';

async function fits(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => {
    const root = document.documentElement;
    return [root.scrollWidth, root.clientWidth];
  });
  expect.soft(content, 'the page does not scroll sideways').toBeLessThanOrEqual(window);
}

// One session for all tests of a worker: none of them ends it, and signing in takes as long as axe.
let session: Parameters<BrowserContext['addCookies']>[0] = [];

test.beforeEach(async ({ context, signedInAs }) => {
  if (session.length > 0) {
    await context.addCookies(session);
    return;
  }
  await signedInAs('DataScientist');
  session = await context.cookies();
});

for (const [name, path] of PAGES) {
  test(`the page “${name}” has no accessibility finding`, async ({ page, a11y }) => {
    await open(page, path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await a11y();
  });
}

test('screen readers skip the separators between breadcrumbs', async ({ page }) => {
  await open(page, `${ENDPOINT}/test`);
  const crumbs = page.getByRole('navigation', { name: 'Breadcrumb' });
  await expect(crumbs.getByRole('listitem')).toHaveCount(3);
  expect(await crumbs.ariaSnapshot()).toContain('listitem: Test request');
});

test('every page fits on a phone', async ({ page }) => {
  test.setTimeout(90_000);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, path] of PAGES.filter(([name]) => name !== 'account')) {
    await test.step(name, async () => {
      await open(page, path);
      await fits(page);
    });
  }
});

test('the account page fits on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, '/account');
  await fits(page);
});

test('a YAML with errors has no finding and fits on a phone', async ({ page, a11y }) => {
  await open(page, `${ENDPOINT}/new-deployment`);
  await page.getByRole('textbox', { name: 'Deployment YAML' }).fill('name: a b\nmodel: x\ninstance_count: many\n');
  await expect(page.getByRole('heading', { name: 'This YAML has errors' })).toBeVisible();
  await a11y();
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
});

test('a drafted route has no finding and fits on a phone', async ({ page, a11y }) => {
  await open(page, ENDPOINT);
  await page.getByRole('button', { name: 'Switch all off' }).click();
  await expect(share(page, PRIMARY)).toHaveValue('0');
  await expect(page.getByRole('heading', { name: /^Proposed split:/ })).toBeVisible();
  await a11y();
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
});

test('responses side by side have no finding and fit on a phone', async ({ page, a11y }) => {
  await open(page, `${ENDPOINT}/test`);
  await page.getByRole('checkbox', { name: PRIMARY }).check();
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('article')).toHaveCount(2);
  // The status has one sentence per response, without the bodies.
  await expect(page.getByRole('status')).toHaveText(/^Endpoint \(traffic split\): 200 in (less than )?\d+ ms\. .+: 200 in (less than )?\d+ ms\.$/);
  await a11y();
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
});

test('the open menu has no finding and fits on a phone', async ({ page, a11y }) => {
  await open(page, '/');
  await page.getByRole('banner').getByText(PEOPLE.DataScientist).click();
  await expect(page.getByRole('link', { name: 'Account and rights' })).toBeVisible();
  await a11y();
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
});

test('the sign-in page fits on a phone with every notice', async ({ page, context, a11y }) => {
  await context.clearCookies();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const reason of ['expired', 'denied', 'failed', 'signed-out']) {
    await open(page, `/sign-in?reason=${reason}`);
    await a11y();
    await fits(page);
  }
});
