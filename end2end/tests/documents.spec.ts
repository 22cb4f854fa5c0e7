import { readFile } from 'node:fs/promises';

import { expect, open, test } from '../fixtures';
import { deployment, ENDPOINT, PRIMARY } from '../steps';

import type { Locator, Page } from '@playwright/test';

/** The file that a click downloads. */
async function downloaded(page: Page, click: Locator): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click.click()]);
  const text = await readFile(await download.path(), 'utf8');
  return { name: download.suggestedFilename(), text };
}

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

test("the downloads of a release's plan contain the hash on the page", async ({ page }) => {
  await open(page, '/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan?ref=shadow-nbq-2');
  const hash = (await page.locator('.hash code').textContent()) ?? '';
  const region = page.getByRole('region', { name: 'Export' });
  const json = await downloaded(page, region.getByRole('link', { name: 'Download as JSON' }));
  expect(JSON.parse(json.text).plan.hash).toBe(hash);
  const script = await downloaded(page, region.getByRole('link', { name: 'Download as az ml commands' }));
  expect(script.text).toContain(`# Plan ${hash}`);
  await region.getByText(script.name).first().click();
  await expect(region.getByRole('region', { name: script.name })).toHaveText(script.text);
  const inputs = await downloaded(page, region.getByRole('link', { name: 'Download as workflow inputs' }));
  expect(inputs.text).toContain('shadow_deployment_name: anet-nbq2');
});

test('the plans of a route and of a new deployment can be downloaded', async ({ page }) => {
  await open(page, `${ENDPOINT}/route?live.${PRIMARY}=0`);
  const route = await downloaded(page, page.getByRole('link', { name: 'Download as JSON' }));
  expect(JSON.parse(route.text).plan.target.endpoint.endpoint).toBe('anet-ep-prod');
  await open(page, `${ENDPOINT}/new-deployment?example=1`);
  const commands = page.getByRole('button', { name: 'Download the plan as az ml commands' });
  const script = await downloaded(page, commands);
  expect(script.text).toContain('az ml online-deployment create');
});

test('an endpoint and a deployment can be exported as YAML', async ({ page }) => {
  await open(page, ENDPOINT);
  await page.getByRole('link', { name: 'Export as YAML and workflow inputs' }).click();
  const with_ = await downloaded(page, page.getByRole('link', { name: 'Download with-anet-ep-prod.yml' }));
  expect(with_.text).toContain(`deployment_name: ${PRIMARY}`);
  await open(page, deployment(PRIMARY));
  await page.getByRole('link', { name: 'Export as YAML' }).click();
  const yaml = await downloaded(page, page.getByRole('link', { name: `Download anet-ep-prod-${PRIMARY}.yml` }));
  expect(yaml.text).toContain('model: azureml:nbq:1');
});
