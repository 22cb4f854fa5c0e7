import { expect, open, test } from '../fixtures';

import type { Locator, Page } from '@playwright/test';

const ROUTE = '/releases/ml-azua/route.yml/route-nbq-prod';

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

function release(page: Page, stage: string, job: string): Locator {
  const table = page.getByRole('table', { name: `Releases for ${stage}` });
  return table.getByRole('row').filter({ has: page.getByRole('link', { name: job, exact: true }) });
}

test('from the header to a release, its inputs and its files', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Releases' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Releases' })).toBeVisible();
  const dev = release(page, 'anet-dev', 'deploy-nbq-dev');
  await expect(dev).toContainText('1 field differs');
  await expect(release(page, 'anet-prod', 'deploy-nbq-prod')).toContainText('in sync');

  await dev.getByRole('link', { name: 'deploy-nbq-dev' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'deploy-nbq-dev' })).toBeVisible();
  await expect(page.getByRole('row', { name: /anet-eedi · \/properties\/model .*nbq\/versions\/1 .*nbq\/versions\/2/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /^load_test_name nbq-steady-10x/ })).toBeVisible();
  const path = 'mlops/nbq/deployment_dev.yml';
  await page.getByRole('region', { name: 'Files' }).getByText(path, { exact: true }).click();
  await expect(page.getByRole('region', { name: path })).toContainText('model: azureml:nbq:2');
});

test('another branch declares a shadow that is not deployed', async ({ page }) => {
  await open(page, '/releases');
  await page.getByRole('textbox', { name: 'Branch, tag or commit' }).fill('shadow-nbq-2');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/ref=shadow-nbq-2/);
  const prod = release(page, 'anet-prod', 'deploy-nbq-prod');
  await expect(prod).toContainText('with anet-eedi, anet-nbq2');
  await expect(prod).toContainText('not deployed: anet-nbq2');

  await page.getByRole('textbox', { name: 'Branch, tag or commit' }).fill('nowhere');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('main')).toContainText('has no branch, tag or commit nowhere');
});

test('inputs that only GitHub can resolve are required and validated', async ({ page }) => {
  await open(page, ROUTE);
  await expect(page.getByRole('row', { name: /shadow_deployment_name .*resolved in GitHub/ })).toBeVisible();
  await page.getByRole('link', { name: 'Plan deployment' }).click();
  const outcome = page.getByRole('region', { name: 'Result' });
  await expect(outcome).toContainText('Only GitHub can resolve shadow_deployment_name');

  await page.getByRole('textbox', { name: 'shadow_deployment_name' }).fill('anet-nbq2');
  const share = page.getByRole('textbox', { name: 'shadow_deployment_traffic_percentage' });
  await share.fill('101');
  await page.getByRole('button', { name: 'Update the plan' }).click();
  await expect(share).toHaveValue('101');
  await expect(share).toHaveAccessibleDescription(/101/);
  await expect(outcome).toContainText('invalid');

  await share.fill('30');
  await page.getByRole('button', { name: 'Update the plan' }).click();
  await expect(outcome).toContainText('not deployed: anet-nbq2');
});
