import { expect, open, test } from '../fixtures';
import { ENDPOINT } from '../steps';

import type { Locator, Page } from '@playwright/test';

/** The current step. */
function atHand(page: Page): Locator {
  return page.getByRole('listitem').and(page.locator('[aria-current="step"]'));
}

const fill = (page: Page, label: string, text: string) =>
  page.getByRole('textbox', { name: label }).fill(text);

const goOn = (page: Page) => page.getByRole('button', { name: 'Continue' }).click();

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

test('the run book leads from the releases to a plan, the YAML and the workflow inputs', async ({ page }) => {
  await open(page, '/releases');
  await page.getByRole('link', { name: 'Shadow run book' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Shadow run book' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Endpoint' }).selectOption('anet-prod/anet-ep-prod');
  await goOn(page);
  await expect(atHand(page)).toContainText('Create without live traffic');

  await fill(page, 'Name of the new deployment', 'anet_shadow');
  await goOn(page);
  await expect(atHand(page)).toContainText('Choose a name that suits a primary');
  await expect(page.getByRole('region', { name: 'next run' })).toHaveCount(0);

  await fill(page, 'Name of the new deployment', 'anet-nbq2');
  await fill(page, 'Model', 'nbq:2');
  await fill(page, 'YAML', 'mlops/nbq/deployment_prod_nbq2.yml');
  await fill(page, 'Mirror %', '20');
  await goOn(page);
  const run = page.getByRole('region', { name: 'next run' });
  await expect(run).toContainText('model: azureml:nbq:2');
  await expect(run).toContainText('shadow_deployment_mirror_percentage: 20');
  await expect(run).toContainText('anet-nbq2” does not end in “shadow”');

  const download = page.waitForEvent('download');
  await run.getByRole('link', { name: 'Download as JSON' }).click();
  const hash = await page.locator('.hash code').textContent();
  expect((await download).suggestedFilename()).toBe(`understudy-plan-${hash?.slice(0, 12)}.json`);
  // The whole state is in the URL.
  await page.reload();
  await expect(page.locator('.hash code')).toHaveText(hash ?? '');
});

test('a step that comes too early says what must happen first', async ({ page }) => {
  await open(page, ENDPOINT);
  await page.getByRole('link', { name: 'Shadow run book' }).click();
  await page.getByRole('link', { name: 'Move live traffic' }).click();
  await expect(atHand(page)).toContainText('Mirror live traffic and compare first');
  await expect(page.getByRole('button', { name: 'Continue' })).toHaveCount(0);
});
