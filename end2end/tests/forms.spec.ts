import { expect, open, PEOPLE, test } from '../fixtures';
import { create, deployment, ENDPOINT, goOn, made, PRIMARY, routed, row, share, until, yaml } from '../steps';

import type { Locator, Page } from '@playwright/test';

const PASTED = 'anet-pasted';
const FILED = 'anet-filed';

// Each test continues where the previous one stopped, on a console of their own.
test.use({ world: 'forms' });
test.describe.configure({ mode: 'serial' });

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

/** The plain form on the plan's page. */
function form(page: Page): Locator {
  return page.getByRole('region', { name: 'Edit', exact: true });
}

test('an invalid YAML is rejected at its line, and the text stays', async ({ page, javaScriptEnabled }) => {
  await open(page, `${ENDPOINT}/new-deployment`);
  const text = page.getByRole('textbox', { name: 'Deployment YAML' });
  const bad = yaml(PASTED).replace('instance_count: 1', 'instance_count: many');
  await text.fill(bad);
  if (javaScriptEnabled === false) {
    await page.getByRole('button', { name: 'Create deployment' }).click();
  }
  await expect(page.getByRole('heading', { name: 'This YAML has errors' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'instance_count' })).toContainText('Line 6');
  await expect(text).toHaveValue(bad);
});

test('a pasted YAML becomes a deployment without traffic', async ({ page }) => {
  await create(page, PASTED);
  await page.goto(ENDPOINT);
  await expect(row(page, PASTED)).toContainText('idle');
  await expect(row(page, PRIMARY)).toContainText('live, 100 %');
});

test('a YAML file becomes a deployment', async ({ page, javaScriptEnabled }) => {
  await open(page, `${ENDPOINT}/new-deployment`);
  await page.getByLabel('Load from a file').setInputFiles({
    name: 'deployment.yml',
    mimeType: 'text/yaml',
    buffer: Buffer.from(yaml(FILED)),
  });
  if (javaScriptEnabled !== false) {
    await expect(page.getByRole('textbox', { name: 'Deployment YAML' })).toHaveValue(yaml(FILED));
    await expect(page.getByRole('heading', { name: `This creates ${FILED}` })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Create deployment' }).click();
  await page.waitForURL('**/runs/*');
  await goOn(page, deployment(FILED));
  await made(page);
});

test('a name in use is rejected with the reason', async ({ page, javaScriptEnabled }) => {
  await open(page, `${ENDPOINT}/new-deployment`);
  await page.getByRole('textbox', { name: 'Deployment YAML' }).fill(yaml(PRIMARY));
  if (javaScriptEnabled === false) {
    await page.getByRole('button', { name: 'Create deployment' }).click();
  }
  await expect(page.getByRole('listitem').filter({ hasText: `${PRIMARY} exists and takes live traffic` })).toBeVisible();
});

test('live shares that do not add up to 100 are rejected', async ({ page }) => {
  await open(page, `${ENDPOINT}/route`);
  await form(page).getByRole('spinbutton', { name: `Live traffic to ${PASTED}` }).fill('30');
  await form(page).getByRole('button', { name: 'Update the plan' }).click();
  await expect(form(page)).toContainText('130');
  await expect(page.getByRole('button', { name: 'Apply' })).toHaveCount(0);
  await expect(form(page).getByRole('spinbutton', { name: `Live traffic to ${PASTED}` })).toHaveValue('30');
});

test('51 % cannot be mirrored', async ({ page }) => {
  await open(page, `${ENDPOINT}/route`);
  await form(page).getByRole('combobox', { name: 'Mirror to' }).selectOption(PASTED);
  await form(page).getByRole('spinbutton', { name: 'Mirror %' }).fill('51');
  await form(page).getByRole('button', { name: 'Update the plan' }).click();
  await expect(form(page)).toContainText('51 % cannot be mirrored: Azure mirrors 1 to 50 % of live traffic');
  await expect(page.getByRole('button', { name: 'Apply' })).toHaveCount(0);
});

test('a mirror and a split entered as numbers are planned, then applied', async ({ page, emulator }) => {
  test.setTimeout(60_000);
  await open(page, ENDPOINT);
  await page.getByRole('combobox', { name: 'Mirror to' }).selectOption(FILED);
  await page.getByRole('spinbutton', { name: 'Mirror %' }).fill('25');
  await share(page, PASTED).fill('30');
  await share(page, PRIMARY).fill('70');
  const before = (await emulator.writes()).length;
  await page.getByRole('button', { name: 'Open the plan' }).click();

  const plan = page.getByRole('region', { name: 'Plan' });
  await expect(plan.getByRole('row', { name: `/properties/traffic/${PRIMARY} 100 % 70 %` })).toBeVisible();
  await expect(plan.getByRole('row', { name: `/properties/mirrorTraffic/${FILED} – 25 %` })).toBeVisible();
  expect(await emulator.writes(), 'a plan changes nothing').toHaveLength(before);

  await plan.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(`**${ENDPOINT}`);
  await routed(page, `${PRIMARY} 70 %, ${PASTED} 30 %, mirror 25 % to ${FILED}`);
});

test('a test request to two deployments shows both responses side by side', async ({ page }) => {
  await open(page, `${ENDPOINT}/test`);
  await page.getByRole('checkbox', { name: 'Endpoint (traffic split)' }).uncheck();
  await page.getByRole('checkbox', { name: PRIMARY }).check();
  await page.getByRole('checkbox', { name: PASTED }).check();
  await page.getByRole('button', { name: 'Send' }).click();
  for (const name of [PRIMARY, PASTED]) {
    const answer = page.getByRole('article').filter({ has: page.getByRole('heading', { name }) });
    await expect(answer).toContainText(`answered by ${name}`);
    await expect(answer).toContainText('200');
  }
  await expect(page.getByText(/^(All response bodies are identical|The response bodies differ)/)).toBeVisible();
});

test('a log shows the requested number of lines of either container', async ({ page }) => {
  await open(page, deployment(PASTED));
  await page.getByRole('spinbutton', { name: 'Last lines' }).fill('1');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/tail=1/);
  const log = page.getByRole('region', { name: 'Lines of the log' });
  await expect(log).toHaveText(/^\S[^\n]+$/, { useInnerText: true });

  await page.getByRole('combobox', { name: 'Container' }).selectOption('Storage initializer');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/log=storage-initializer/);
  await expect(page.getByRole('combobox', { name: 'Container' })).toHaveValue('storage-initializer');
  await expect(log).toBeVisible();
});

for (const [name, reason] of [
  [PASTED, 'takes 30 % of live traffic'],
  [FILED, '25 % of live traffic is mirrored to'],
] as const) {
  test(`${name} cannot be deleted while it has traffic`, async ({ page }) => {
    await page.goto(`${deployment(name)}/delete`);
    const button = page.getByRole('button', { name: `Delete ${name}` });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAccessibleDescription(new RegExp(reason));
  });
}

test('a deployment without traffic can be deleted', async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${ENDPOINT}/route`);
  await form(page).getByRole('combobox', { name: 'Mirror to' }).selectOption('No deployment');
  await form(page).getByRole('button', { name: 'Update the plan' }).click();
  await expect(page.getByRole('row', { name: `/properties/mirrorTraffic/${FILED} 25 % –` })).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(`**${ENDPOINT}`);
  await routed(page, `${PRIMARY} 70 %, ${PASTED} 30 %`);

  await page.goto(deployment(FILED));
  await page.getByRole('link', { name: `Plan to delete ${FILED}` }).click();
  await page.getByRole('button', { name: `Delete ${FILED}` }).click();
  await page.waitForURL(`**${ENDPOINT}`);
  await until(page, () => expect(row(page, FILED)).toHaveCount(0, { timeout: 1_000 }));
  expect((await page.goto(deployment(FILED)))?.status()).toBe(404);
});

test('the menu signs out', async ({ page }) => {
  await open(page, ENDPOINT);
  await page.getByRole('banner').getByText(PEOPLE.DataScientist).click();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('main')).toContainText('You are signed out');
  await page.goto(ENDPOINT);
  await expect(page).toHaveURL(/\/sign-in/);
});
