import { awake, expect, open, test } from '../fixtures';
import { deployment, ENDPOINT, goOn, MADE, PRIMARY, row, share, slider, state } from '../steps';

import type { Page } from '@playwright/test';

const NEW = 'anet-green';
// Like the primary's: with Azure's defaults, a second concurrent request gets 429.
const SETTINGS = `request_settings:
  max_concurrent_requests_per_instance: 16
  max_queue_wait_ms: 500
  request_timeout_ms: 30000
`;
const ARRIVED = { timeout: 90_000 };

// Each test continues where the previous one stopped, on a console of their own.
test.use({ world: 'story' });
test.describe.configure({ mode: 'serial' });

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

/** Sends a test request and returns the deployment that answered. */
async function ask(page: Page, target: string): Promise<string> {
  await open(page, `${ENDPOINT}/test`);
  for (const choice of await page.getByRole('checkbox').all()) await choice.uncheck();
  await page.getByRole('checkbox', { name: target, exact: true }).check();
  await page.getByRole('button', { name: 'Send' }).click();
  const answer = page.getByRole('article');
  await expect(answer).toContainText('200');
  return (await answer.textContent())?.match(/answered by ([a-z0-9-]+?)(?=\s|\{|$)/)?.[1] ?? '';
}

/** Applies the drafted route and waits, without reloading the page, until Azure has it. */
async function apply(page: Page, route: string): Promise<void> {
  await page.getByRole('button', { name: 'Apply' }).click();
  const operations = page.getByRole('region', { name: 'Operations' }).getByRole('listitem');
  const operation = operations.filter({ hasText: `Set the route to ${route}` });
  await expect(operation).toContainText('Succeeded', MADE);
  const bar = page.getByRole('region', { name: 'Traffic split', exact: true });
  await expect(bar.getByRole('img', { name: `Traffic split: ${route}`, exact: true })).toBeVisible();
}

async function press(page: Page, key: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
}

test('the overview shows both stages with their endpoints', async ({ page }) => {
  for (const name of ['anet-dev', 'anet-prod']) {
    await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  }
  await expect(page.getByRole('link', { name: 'anet-ep-dev' })).toBeVisible();
  await page.getByRole('link', { name: 'anet-ep-prod' }).click();
  await expect(page).toHaveURL(new RegExp(`${ENDPOINT}$`));
  await expect(row(page, PRIMARY)).toContainText('live, 100 %');
});

test('an invalid line is marked, and the corrected YAML becomes a deployment', async ({ page }) => {
  await page.goto(ENDPOINT);
  await page.getByRole('link', { name: 'New deployment' }).click();
  await page.getByText('An example to start from').click();
  await page.getByRole('link', { name: 'Use this example' }).click();
  await page.waitForURL('**/new-deployment?example=*');
  await awake(page);

  const text = page.getByRole('textbox', { name: 'Deployment YAML' });
  const good = await text.inputValue();
  const create = page.getByRole('button', { name: 'Create deployment' });
  await text.fill(good.replace('instance_count: 1', 'instance_count: many'));
  const line = good.split('\n').indexOf('instance_count: 1') + 1;
  await expect(page.getByRole('heading', { name: 'This YAML has errors' })).toBeVisible();
  await expect(page.getByRole('button', { name: `Go to line ${line}` })).toBeVisible();
  await expect(create).toBeDisabled();

  await text.fill(good.includes('request_settings') ? good : good + SETTINGS);
  await expect(page.getByRole('heading', { name: `This creates ${NEW}` })).toBeVisible();
  await create.click();
  await page.waitForURL('**/runs/*');
  await expect(page.getByRole('link', { name: `Open ${NEW}` })).toBeVisible();
  await goOn(page, deployment(NEW));
  await awake(page);
  await page.evaluate(() => Object.assign(window, { same: true }));
  await expect(state(page)).toHaveText('Succeeded', MADE);
  expect(await page.evaluate(() => 'same' in window), 'the page was not reloaded').toBe(true);
});

test('20 % is mirrored to the new deployment, and the primary still answers clients', async ({ page }) => {
  test.setTimeout(150_000);
  await open(page, ENDPOINT);
  await expect(row(page, NEW)).toContainText('idle');
  await page.getByRole('combobox', { name: 'Mirror to' }).selectOption(NEW);
  const mirrored = page.getByRole('slider', { name: 'Mirror %' });
  await mirrored.focus();
  await press(page, 'ArrowRight', 10);
  await expect(mirrored).toHaveValue('20');
  await expect(page.getByRole('row', { name: `/properties/mirrorTraffic/${NEW} – 20 %` })).toBeVisible();
  await expect(page.getByRole('row', { name: `/properties/traffic/${PRIMARY} 100 % 100 %` })).toBeVisible();
  await apply(page, `${PRIMARY} 100 %, mirror 20 % to ${NEW}`);

  for (let i = 0; i < 4; i++) expect(await ask(page, 'Endpoint (traffic split)')).toBe(PRIMARY);

  await open(page, ENDPOINT);
  await expect(row(page, NEW)).toContainText('20 %');
  await expect(row(page, NEW).getByRole('cell').last()).toHaveText(/^[1-9]/, ARRIVED);
});

test('sliders that always add up to 100 move live traffic to the new deployment', async ({ page, emulator }) => {
  test.setTimeout(90_000);
  await open(page, ENDPOINT);
  await slider(page, NEW).focus();
  await press(page, 'PageUp', 5);
  await expect(share(page, NEW)).toHaveValue('50');
  await expect(share(page, PRIMARY)).toHaveValue('50');
  await expect(page.getByRole('row', { name: `/properties/traffic/${NEW} – 50 %` })).toBeVisible();
  await expect(page.getByRole('row', { name: `/properties/mirrorTraffic/${NEW} 20 % –` })).toBeVisible();
  await apply(page, `${PRIMARY} 50 %, ${NEW} 50 %`);

  const puts = (await emulator.writes()).filter(
    ({ method, path }) => method === 'PUT' && /\/onlineEndpoints\/[^/]+$/.test(path),
  );
  expect(puts.map(({ body }) => body?.properties).map((p) => [p?.traffic, p?.mirrorTraffic])).toEqual([
    [{ [PRIMARY]: 100 }, { [NEW]: 20 }],
    [{ [PRIMARY]: 50, [NEW]: 50 }, {}],
  ]);

  await awake(page);
  await slider(page, NEW).focus();
  await page.keyboard.press('End');
  await expect(share(page, PRIMARY)).toHaveValue('0');
  await apply(page, `${NEW} 100 %`);
  expect(await ask(page, 'Endpoint (traffic split)')).toBe(NEW);
});

test('either deployment answers a test request by name', async ({ page }) => {
  expect(await ask(page, PRIMARY)).toBe(PRIMARY);
  expect(await ask(page, NEW)).toBe(NEW);
});

test('its log can be read and followed', async ({ page }) => {
  await open(page, deployment(NEW));
  const log = page.getByRole('region', { name: 'Lines of the log' });
  await expect(log).toContainText('Loaded model nbq version 2');
  await page.getByRole('checkbox', { name: 'Follow' }).check();
  await expect(log).toContainText('Loaded model nbq version 2');
});

test('the live deployment cannot be deleted, and the page says why', async ({ page }) => {
  await page.goto(deployment(NEW));
  await page.getByRole('link', { name: `Plan to delete ${NEW}` }).click();
  await expect(page.getByRole('button', { name: `Delete ${NEW}` })).toBeDisabled();
  await expect(page.getByRole('button', { name: `Delete ${NEW}` })).toHaveAccessibleDescription(
    `${NEW} takes 100 % of live traffic. Move its traffic to another deployment first.`,
  );
});

test('the old deployment is deleted, and no client request has failed in the meantime', async ({ page }) => {
  await page.goto(ENDPOINT);
  await expect(page.getByRole('img', { name: /^Errors, per minute/ })).toHaveAccessibleName(
    new RegExp(`${PRIMARY}: now \\S+, at most 0\\. ${NEW}: now \\S+, at most 0\\.`),
  );
  await page.goto(deployment(PRIMARY));
  await page.getByRole('link', { name: `Plan to delete ${PRIMARY}` }).click();
  await page.getByRole('button', { name: `Delete ${PRIMARY}` }).click();
  await page.waitForURL(`**${ENDPOINT}`);
  await expect(row(page, PRIMARY)).toHaveCount(0, MADE);
  await expect(row(page, NEW)).toContainText('live, 100 %');
  await expect(page.getByRole('region', { name: 'Operations' }).getByRole('listitem').first()).toContainText(
    'Succeeded',
    MADE,
  );
});
