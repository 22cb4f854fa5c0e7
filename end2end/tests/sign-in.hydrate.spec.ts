import { expect, test } from '../fixtures';

test('the sign-in page has no accessibility finding', async ({ page, a11y }) => {
  await page.goto('/sign-in');
  await expect(page).toHaveTitle(/sign in/i);
  await a11y();
});

test('the account picker has no accessibility finding', async ({ page, a11y }) => {
  await page.goto('/sign-in');
  await page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Pick an account');
  await a11y();
});
