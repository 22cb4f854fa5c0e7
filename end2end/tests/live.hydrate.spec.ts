import { awake, expect, open, pick, test } from '../fixtures';
import { ENDPOINT, PRIMARY, row, share } from '../steps';

// It changes a route, on a console that nobody else uses.
test.use({ world: 'live' });

test('a change made in one browser shows in another within a second, without loading again', async ({
  page,
  browser,
  baseURL,
  signedInAs,
}) => {
  test.setTimeout(90_000);
  await signedInAs('DataScientist');
  await open(page, '/stages/anet-dev/endpoints/anet-ep-dev');

  const other = await browser.newContext({ baseURL });
  const elsewhere = await other.newPage();
  await elsewhere.goto('/sign-in');
  await pick(elsewhere, 'Viewer');
  await elsewhere.waitForURL((url) => url.pathname === '/');
  await elsewhere.getByRole('link', { name: 'anet-ep-dev' }).click();
  await expect(row(elsewhere, PRIMARY)).toContainText('live, 100 %');
  await elsewhere.evaluate(() => Object.assign(window, { same: true }));

  await page.getByRole('button', { name: 'Switch all off' }).click();
  await expect(share(page, PRIMARY)).toHaveValue('0');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL('**/anet-ep-dev');
  // The one who looks on sees it begin and end.
  await expect(row(page, PRIMARY)).toContainText('idle', { timeout: 20_000 });
  await expect(row(elsewhere, PRIMARY)).toContainText('idle', { timeout: 1_500 });
  const operations = elsewhere.getByRole('region', { name: 'Operations' });
  await expect(operations.getByRole('listitem').first()).toContainText('Succeeded');
  await expect(operations.getByRole('listitem').first()).toContainText('Dana Scott');
  expect(await elsewhere.evaluate(() => 'same' in window)).toBe(true);
  await other.close();
});

test('who signs out elsewhere is told so on the page that is still open', async ({
  page,
  context,
  signedInAs,
}) => {
  await signedInAs('DataScientist');
  await open(page, ENDPOINT);
  const account = await context.newPage();
  await account.goto('/account');
  await account.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
  await expect(account.getByRole('main')).toContainText('You are signed out');

  // The server looks after the sessions of listening browsers every 15 s.
  await expect(page.getByText('Your session has ended')).toBeVisible({ timeout: 25_000 });
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await expect(page.getByRole('main')).toContainText('Your session has ended. Sign in again to go on');
  await pick(page, 'DataScientist');
  await expect(page).toHaveURL(new RegExp(`${ENDPOINT}$`));
  await awake(page);
});
