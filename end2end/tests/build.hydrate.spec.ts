import { awake, expect, open, test } from '../fixtures';
import { answering, answerOf, built, deployed } from '../steps';

// From a commit to an answer: build, log, environment version, deployment; and again with one changed line.
test.use({ world: 'build' });
test.describe.configure({ mode: 'serial', timeout: 300_000 });

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

for (const answer of ['one', 'two']) {
  test(`a build of the commit that answers ${answer} can be deployed`, async ({ page, emulator }) => {
    await built(page, await answering(emulator, answer));
    const log = page.getByRole('region', { name: 'Log', exact: true });
    await expect(log).toContainText('Successfully tagged');
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('sha256:');
    const name = await deployed(page);
    expect(await answerOf(page, name)).toContain(answer);
  });
}

test('the page of the image says which deployments use each version', async ({ page }) => {
  await page.goto('/stages/anet-dev/images/ml-azua-litserve-env');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions).toContainText('Version 3');
  await expect(versions.getByRole('link', { name: /anet-/ }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Archive version 3' })).toBeDisabled();
});

test('the page of a build follows it without a reload', async ({ page }) => {
  await page.goto('/releases/ml-azua/deploy.yml/build-dev/build');
  await page.getByRole('button', { name: 'Build', exact: true }).click();
  await page.waitForURL('**/jobs/*');
  await awake(page);
  await page.evaluate(() => Object.assign(window, { same: true }));
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await cancel.focus();
  const log = page.getByRole('region', { name: 'Log', exact: true });
  await expect(log).toContainText('Step 1/', { timeout: 60_000 });
  await expect(cancel).toBeFocused();
  const status = page.locator('.head .badge').first();
  await expect(status).toHaveText('Succeeded', { timeout: 200_000 });
  expect(await page.evaluate(() => 'same' in window), 'the page was not reloaded').toBe(true);
  await expect(page.getByText(/^Sections of the log \(\d+\)$/)).toBeVisible();
});

test('the activity page shows a build that starts elsewhere', async ({ page, context }) => {
  await open(page, '/activity');
  const newest = page.getByRole('region', { name: 'Newest first' }).getByRole('listitem').first();
  const other = await context.newPage();
  await other.goto('/releases/ml-azua/deploy.yml/build-dev/build');
  await other.getByRole('button', { name: 'Build', exact: true }).click();
  await other.waitForURL('**/jobs/*');
  const href = new URL(other.url()).pathname;
  await expect(newest.getByRole('link').first()).toHaveAttribute('href', href);
  await expect(newest).toContainText('Succeeded', { timeout: 200_000 });
});
