import { expect, PEOPLE, pick, test } from '../fixtures';

test('a page asks anonymous people to sign in, and returns them to the page', async ({ page }) => {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
  await pick(page, 'DataScientist');
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(PEOPLE.DataScientist);
});

test('a deep link with escaped characters survives signing in', async ({ page }) => {
  const deep = '/account?x=a%26b%3D100%25&y=1+2';
  await page.goto(deep);
  await pick(page, 'DataScientist');
  await expect(page).toHaveURL(deep);
});

test('a data scientist arrives on the overview, which shows their name', async ({ page, signedInAs }) => {
  await signedInAs('DataScientist');
  await expect(page.getByRole('banner')).toContainText(PEOPLE.DataScientist);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a person who cancels at the account picker can try again', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
});

test('scripts cannot read the session cookie, and the cookie stays on this site', async ({
  page,
  context,
  signedInAs,
}) => {
  await signedInAs('Viewer');
  const cookies = await context.cookies(page.url());
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie, cookie.name).toMatchObject({ httpOnly: true, path: '/' });
    expect(['Lax', 'Strict'], cookie.name).toContain(cookie.sameSite);
  }
});

test('signing out ends the session even if the cookie was kept', async ({
  page,
  context,
  signedInAs,
}) => {
  await signedInAs('Lead');
  const kept = await context.cookies(page.url());

  await page.goto('/account');
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('main')).toContainText('You are signed out');

  await context.addCookies(kept);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
});
