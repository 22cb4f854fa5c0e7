import { awake, expect, open, pick, test } from '../fixtures';
import { ENDPOINT, PRIMARY, row, share } from '../steps';

// This spec changes a route, on a console of its own.
test.use({ world: 'live' });

test('a change in one browser appears in another within a second, without a reload', async ({
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
  // The viewer sees the change start and complete.
  await expect(row(page, PRIMARY)).toContainText('idle', { timeout: 20_000 });
  await expect(row(elsewhere, PRIMARY)).toContainText('idle', { timeout: 1_500 });
  const operations = elsewhere.getByRole('region', { name: 'Operations' });
  await expect(operations.getByRole('listitem').first()).toContainText('Succeeded');
  await expect(operations.getByRole('listitem').first()).toContainText('Dana Scott');
  expect(await elsewhere.evaluate(() => 'same' in window)).toBe(true);
  await other.close();
});

test('an open page says that its session was ended on another page', async ({
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

  // The server checks the sessions of event streams every 15 s.
  await expect(page.getByText('Your session has ended')).toBeVisible({ timeout: 25_000 });
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await expect(page.getByRole('main')).toContainText('Your session has ended. Nothing was changed. Sign in again');
  await pick(page, 'DataScientist');
  await expect(page).toHaveURL(new RegExp(`${ENDPOINT}$`));
  await awake(page);
});
