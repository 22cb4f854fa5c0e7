import { expect, open, test } from '../fixtures';
import { create, ENDPOINT, share } from '../steps';

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

test('an invalid share stays as typed, with the rule, and nothing can be applied', async ({ page }) => {
  test.setTimeout(90_000);
  // The share of a single live deployment is read-only; with a second deployment it is not.
  await create(page, 'anet-shares');
  await open(page, ENDPOINT);
  const field = share(page, 'anet-shares');
  for (const wrong of ['150', '-5', '12.5', '1e1', '']) {
    await field.fill(wrong);
    await expect(field, wrong).toHaveValue(wrong);
    await expect(field, wrong).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByText('a live share is a whole number from 0 to 100'), wrong).toBeVisible();
    await expect(page.getByRole('button', { name: 'Apply' }), wrong).toBeDisabled();
    await expect(page.getByRole('heading', { name: /^Proposed split:/ }), wrong).toHaveCount(0);
  }
  await field.blur();
  await expect(field, 'leaving it changes nothing').toHaveValue('');
  await field.fill('100');
  await expect(field).not.toHaveAttribute('aria-invalid', 'true');
  await field.fill('150');
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(field).toHaveValue('0');
});

test('ages increase while a page is open', async ({ page }) => {
  await page.clock.install();
  await open(page, '/account');
  const since = page.getByRole('definition').first().getByRole('time');
  await expect(since).toHaveText(/now$|ago$/);
  await page.clock.fastForward('03:00:00');
  await expect(since).toHaveText(/^[34] h ago$/);
});

test('leaving a page before it has loaded causes no browser error', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  for (const path of ['/', '/changes', '/history', ENDPOINT, '/']) {
    await page.goto(path, { waitUntil: 'commit' });
  }
  await open(page, ENDPOINT);
  expect(errors).toEqual([]);
});
