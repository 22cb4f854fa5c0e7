// Breaking glass: a lead overrides a frozen stage, everybody sees the banner, and another person acknowledges.

import { awake, expect, open, test } from '../fixtures';
import { become, ENDPOINT, PRIMARY, shadowed, until } from '../steps';

// Playwright reads a plain array as [value, options], so the array is wrapped.
test.use({ world: 'glass', flags: [['--protect', 'anet-prod'], { scope: 'worker' }] });

const WHY = 'Clients of eedi get errors, and nobody else is awake';
const PLAN = `${ENDPOINT}/route?live.${PRIMARY}=50&live.anet-green=50`;

test('a lead breaks glass on a frozen stage, and an auditor acknowledges it', async ({
  page,
  signedInAs,
  emulator,
}) => {
  test.setTimeout(120_000);
  await shadowed(emulator, 'anet-green');
  const before = (await emulator.writes()).length;
  await signedInAs('Lead');
  await open(page, '/stages/anet-prod');
  await page.getByLabel('Reason (required)').fill('Exams');
  await page.getByRole('button', { name: 'Freeze anet-prod' }).click();
  await expect(page.getByText('Frozen by Leo Lead', { exact: true })).toBeVisible();

  await until(page, async () => {
    await open(page, PLAN);
    await expect(page.getByRole('link', { name: 'Break glass' })).toBeVisible({ timeout: 1_000 });
  });
  await page.getByRole('link', { name: 'Break glass' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Break glass on anet-ep-prod');
  await awake(page);
  const rules = page.getByRole('region', { name: 'Rules to override' });
  await expect(rules.getByText('Approval by another person')).toBeVisible();
  await expect(rules.getByText('Leo Lead froze the stage: Exams')).toBeVisible();
  await expect(page.getByRole('table', { name: 'What would change' })).toContainText('anet-green');

  // The name must be typed exactly.
  await page.getByLabel('Reason (required)').fill(WHY);
  await page.getByLabel(/^Type the endpoint's name/).fill('anet-ep');
  await page.getByRole('button', { name: 'Break glass' }).click();
  await expect(page.getByRole('alert')).toContainText('Type anet-ep-prod to confirm that you mean this endpoint');
  await awake(page);
  await expect(page.getByLabel('Reason (required)')).toHaveValue(WHY);
  expect(await emulator.writes()).toHaveLength(before);
  await page.getByLabel(/^Type the endpoint's name/).fill('anet-ep-prod');
  await page.getByRole('button', { name: 'Break glass' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const run = page.url();
  await expect(page.getByText('Leo Lead broke glass on anet-ep-prod')).toBeVisible();
  await until(page, () => expect(page.getByText(/Verified in Azure/).first()).toBeVisible({ timeout: 1_000 }));

  // The person who broke the glass cannot acknowledge it.
  await open(page, '/');
  const banner = page.getByText('Leo Lead broke glass on anet-ep-prod');
  await expect(banner).toBeVisible();
  await page.getByRole('link', { name: 'Overridden rules' }).click();
  await page.waitForURL(/\/glass\/[0-9a-f-]{36}$/);
  const acknowledge = page.getByRole('button', { name: 'Acknowledge' });
  await expect(acknowledge).toBeDisabled();
  await expect(acknowledge).toHaveAccessibleDescription(/Another person must acknowledge it/);

  await become(page, 'Auditor', signedInAs);
  await open(page, ENDPOINT);
  await expect(banner).toBeVisible();
  await page.getByRole('link', { name: 'Overridden rules' }).click();
  await page.waitForURL(/\/glass\//);
  await awake(page);
  await page.getByLabel('Comment (optional)').fill('Talked to Leo about it');
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await expect(page.getByText(/Ada Auditor acknowledged it/)).toBeVisible();
  await expect(page.getByText('Talked to Leo about it')).toBeVisible();
  for (const path of ['/', ENDPOINT]) {
    await open(page, path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(banner).toHaveCount(0);
  }

  // The ledger entry links to the run, and the run to the entry.
  await open(page, '/history');
  await page.getByLabel('Kind').selectOption('Glass broken');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: /^Broke glass: Set the route/ }).click();
  await expect(page.getByText(WHY, { exact: true })).toBeVisible();
  await page.getByRole('link', { name: run.split('/').pop() }).click();
  await page.waitForURL(run);
  await expect(banner).toBeVisible();
});

test('a person who may only propose is not offered to break glass', async ({ page, signedInAs }) => {
  await signedInAs('DataScientist');
  await open(page, `${ENDPOINT}/route?live.${PRIMARY}=0`);
  await expect(page.getByRole('link', { name: 'Break glass' })).toHaveCount(0);
  await open(page, `${ENDPOINT}/break-glass?what=route&live.${PRIMARY}=0`);
  await expect(page.getByText(/Only these roles may break glass: Lead, Admin/)).toBeVisible();
});
