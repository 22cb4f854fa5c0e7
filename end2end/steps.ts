// What several specs do on the way to what they are about, by role and label.

import { expect, type Locator, type Page } from '@playwright/test';

import { type Emulator, open, type Role, test } from './fixtures';

/** The page of the demonstration's endpoint in production. */
export const ENDPOINT = '/stages/anet-prod/endpoints/anet-ep-prod';
/** The deployment with which the demonstration starts. */
export const PRIMARY = 'anet-eedi';
/** The emulator makes a deployment within this. */
export const MADE = { timeout: 30_000 };

/** A deployment's YAML. */
export function yaml(name: string): string {
  return [
    `name: ${name}`,
    'endpoint_name: anet-ep-prod',
    'model: azureml:nbq:2',
    'environment: azureml:ml-azua-litserve-env:1',
    'instance_type: Standard_DS3_v2',
    'instance_count: 1',
    '',
  ].join('\n');
}

export function deployment(name: string): string {
  return `${ENDPOINT}/deployments/${name}`;
}

/** The deployment's row in the endpoint's table. */
export function row(page: Page, name: string): Locator {
  const header = page.getByRole('rowheader', { name, exact: true });
  return page.getByRole('region', { name: 'Deployments' }).getByRole('row').filter({ has: header });
}

/** A deployment's live share, as a number field. */
export function share(page: Page, name: string): Locator {
  return page.getByRole('spinbutton', { name: `Live traffic to ${name}` });
}

/** The same, as a slider. */
export function slider(page: Page, name: string): Locator {
  return page.getByRole('slider', { name: `Live traffic to ${name}` });
}

/** Loads the page again until it says so: for who has no scripts, and for who just wants it done. */
export async function until(page: Page, says: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.reload();
    await says();
  }).toPass(MADE);
}

/** The next person takes the browser. */
export async function become(
  page: Page,
  role: Role,
  signedInAs: (role: Role) => Promise<void>,
): Promise<void> {
  await page.context().clearCookies();
  await signedInAs(role);
}

/** Waits until a change's page says so; with scripts without loading it again by hand. */
export async function says(page: Page, word: string): Promise<void> {
  const state = page.locator('.change-head .badge');
  if (test.info().project.use.javaScriptEnabled === false) {
    await expect(async () => {
      await page.reload();
      await expect(state).toHaveText(word, { timeout: 1_000 });
    }).toPass(MADE);
  }
  await expect(state).toHaveText(word, MADE);
}

/** Puts a second deployment beside the demonstration's and mirrors half of the traffic to it, elsewhere than here. */
export async function shadowed(emulator: Emulator, name: string): Promise<void> {
  const endpoint = await emulator.production();
  const primary = await emulator.arm('GET', `${endpoint}/deployments/${PRIMARY}`);
  const { provisioningState: _, ...properties } = primary.properties;
  const { location, sku } = primary;
  await emulator.arm('PUT', `${endpoint}/deployments/${name}`, { location, sku, properties });
  const succeeded = async (path: string) => {
    await expect
      .poll(async () => (await emulator.arm('GET', path)).properties.provisioningState, MADE)
      .toBe('Succeeded');
  };
  await succeeded(`${endpoint}/deployments/${name}`);
  await succeeded(endpoint);
  const now = await emulator.arm('GET', endpoint);
  const mirrorTraffic = { [name]: 50 };
  await emulator.arm('PUT', endpoint, { ...now, properties: { ...now.properties, mirrorTraffic } });
  await succeeded(endpoint);
}

/** Creates a deployment from a pasted YAML and waits until it is there. */
export async function create(page: Page, name: string): Promise<void> {
  await open(page, `${ENDPOINT}/new-deployment`);
  await page.getByRole('textbox', { name: 'Deployment YAML' }).fill(yaml(name));
  await page.getByRole('button', { name: 'Create deployment' }).click();
  await page.waitForURL('**/runs/*');
  await goOn(page, deployment(name));
  await made(page);
}

/** Leaves a run's page, which loads again by itself: a page that has begun to load again is left once it is there. */
export async function goOn(page: Page, path: string): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    expect(new URL(page.url()).pathname).toBe(path);
  }).toPass({ timeout: 10_000 });
}

/** On a deployment's page: waits until Azure has made it. */
export async function made(page: Page): Promise<void> {
  await until(page, () =>
    expect(state(page)).toHaveText('Succeeded', { timeout: 1_000 }),
  );
}

/** On a deployment's page: its state. */
export function state(page: Page): Locator {
  const facts = page.getByRole('region', { name: 'Deployment', exact: true });
  return facts.getByRole('definition').first();
}

/** On an endpoint's page: waits until nothing is under way and the route is this. */
export async function routed(page: Page, route: string): Promise<void> {
  const bar = page.getByRole('region', { name: 'Route', exact: true });
  await until(page, async () => {
    await expect(bar.getByRole('img', { name: `Route: ${route}` })).toBeVisible({ timeout: 1_000 });
    await expect(page.getByRole('progressbar', { name: 'Under way' })).toHaveCount(0);
  });
}
