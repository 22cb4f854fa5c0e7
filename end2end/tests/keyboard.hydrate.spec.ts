import { expect, open, test } from '../fixtures';
import { create, ENDPOINT, PRIMARY, share, slider } from '../steps';

// This spec creates a deployment, on a console of its own.
test.use({ world: 'keyboard' });

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

test('the first tab stop is the link that skips to the content', async ({ page }) => {
  await open(page, ENDPOINT);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('the menu opens, can be traversed and closes by keyboard', async ({ page }) => {
  await open(page, '/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Understudy' })).toBeFocused();
  for (const part of ['Overview', 'Changes', 'Releases', 'Images', 'Activity', 'Audit log']) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: part })).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const link = page.getByRole('link', { name: 'Account and rights' });
  await expect(link).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(link).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await expect(link).toBeHidden();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/account$/);
});

test('sliders move with the arrow, page, Home and End keys, and always add up to 100', async ({ page }) => {
  test.setTimeout(90_000);
  await create(page, 'anet-keys');
  await open(page, ENDPOINT);
  const handle = slider(page, 'anet-keys');
  await expect(handle).toBeEnabled();
  await handle.focus();
  for (const [key, mine, theirs] of [
    ['ArrowRight', '1', '99'],
    ['ArrowUp', '2', '98'],
    ['PageUp', '12', '88'],
    ['ArrowLeft', '11', '89'],
    ['End', '100', '0'],
    ['Home', '0', '100'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(share(page, 'anet-keys'), key).toHaveValue(mine);
    await expect(share(page, PRIMARY), key).toHaveValue(theirs);
  }
  await expect(handle, 'the handle keeps the focus').toBeFocused();
});

test('Enter submits forms', async ({ page }) => {
  await open(page, `${ENDPOINT}/route`);
  await page.getByRole('spinbutton', { name: `Live traffic to ${PRIMARY}` }).fill('60');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Edit', exact: true })).toContainText('60');
  await expect(page).toHaveURL(new RegExp(`live\\.${PRIMARY}=60`));

  await open(page, `${ENDPOINT}/test`);
  await page.getByRole('button', { name: 'Send' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article')).toContainText('200');
});

test('the button of an error moves the caret to its line', async ({ page }) => {
  await open(page, `${ENDPOINT}/new-deployment`);
  const text = page.getByRole('textbox', { name: 'Deployment YAML' });
  await text.fill('name: anet-x\nendpoint_name: anet-ep-prod\ninstance_count: many\n');
  await page.getByRole('button', { name: 'Line 3, column 17', exact: true }).press('Enter');
  await expect(text).toBeFocused();
  await page.keyboard.type('instance_count: 1');
  await expect(text).toHaveValue('name: anet-x\nendpoint_name: anet-ep-prod\ninstance_count: 1\n');
});
