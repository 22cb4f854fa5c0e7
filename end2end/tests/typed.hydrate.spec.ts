import { awake, expect, test } from '../fixtures';
import { create, ENDPOINT, PRIMARY, share, yaml } from '../steps';

import type { Page } from '@playwright/test';

// This spec creates a deployment, on a console of its own.
test.use({ world: 'typed' });

/** Opens a page whose module arrives only when the returned function is called. */
async function asleep(page: Page, path: string): Promise<() => Promise<void>> {
  let wake = () => {};
  const called = new Promise<void>((resolve) => (wake = resolve));
  await page.route('**/*.wasm', async (route) => {
    await called;
    await route.continue();
  });
  await page.goto(path, { waitUntil: 'commit' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  return async () => {
    wake();
    await awake(page);
  };
}

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

test('a YAML typed before the scripts arrive stays, and is checked', async ({ page }) => {
  const wake = await asleep(page, `${ENDPOINT}/new-deployment?example=1`);
  const text = page.getByRole('textbox', { name: 'Deployment YAML' });
  await text.fill(yaml('anet-early'));
  await wake();
  await expect(text).toHaveValue(yaml('anet-early'));
  await expect(page.getByRole('heading', { name: 'This creates anet-early' })).toBeVisible();
});

test('a test request edited before the scripts arrive keeps its edits', async ({ page }) => {
  const wake = await asleep(page, `${ENDPOINT}/test`);
  const body = page.getByRole('textbox', { name: 'Body (JSON)' });
  await body.fill('{"top":1}');
  await page.getByRole('checkbox', { name: PRIMARY }).check();
  await page.getByRole('checkbox', { name: 'Endpoint (traffic split)' }).uncheck();
  await wake();
  await expect(body).toHaveValue('{"top":1}');
  await expect(page.getByRole('checkbox', { name: PRIMARY })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Endpoint (traffic split)' })).not.toBeChecked();
});

test('a route edited before the scripts arrive becomes the draft', async ({ page }) => {
  test.setTimeout(90_000);
  await create(page, 'anet-early');
  const wake = await asleep(page, ENDPOINT);
  await share(page, 'anet-early').fill('30');
  await wake();
  await expect(share(page, 'anet-early')).toHaveValue('30');
  await expect(share(page, PRIMARY)).toHaveValue('70');
  await expect(page.getByRole('heading', { name: /^Proposed split:/ })).toBeVisible();
});
