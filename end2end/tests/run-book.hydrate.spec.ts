import { expect, open, test } from '../fixtures';

test('each field is validated while typing', async ({ page, signedInAs }) => {
  await signedInAs('DataScientist');
  await open(page, '/releases/new-shadow?at=anet-prod%2Fanet-ep-prod');
  for (const [label, wrong, says, right] of [
    ['Name of the new deployment', 'anet-shadow', 'as the primary once it is promoted', 'anet-nbq2'],
    ['Model', 'nbq', 'name and version like nbq:2', 'nbq:2'],
    ['YAML', '../x.yml', 'out of the repository', 'x.yml'],
    ['Mirror %', '51', '1 to 50 %', '50'],
    ['Branch, tag or commit', 'a..b', 'cannot be a branch', 'main'],
  ] as const) {
    const field = page.getByRole('textbox', { name: label });
    await field.fill(wrong);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(new RegExp(says));
    await field.fill(right);
    await expect(field).not.toHaveAttribute('aria-invalid');
  }
});

test('an exported document can be copied', async ({ page, context, signedInAs }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signedInAs('Viewer');
  await open(page, '/stages/anet-prod/endpoints/anet-ep-prod/export');
  const yaml = page.getByRole('region', { name: 'anet-ep-prod.yml', exact: true });
  await page.getByRole('button', { name: 'Copy anet-ep-prod.yml' }).click();
  await expect(page.getByRole('button', { name: 'Copied anet-ep-prod.yml' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await yaml.textContent());
});
