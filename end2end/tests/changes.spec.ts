// A protected stage: one person proposes, another approves, the change runs, and an auditor finds and verifies it.

import { execFileSync } from 'node:child_process';

import { awake, expect, open, test } from '../fixtures';
import { understudy } from '../launch.mjs';
import { become, ENDPOINT, says } from '../steps';

// Playwright reads a plain array as [value, options], so the array is wrapped.
test.use({ world: 'changes', flags: [['--protect', 'anet-prod'], { scope: 'worker' }] });

const WHY = 'It learned from one more year of answers';

test('one person proposes on prod, another approves, and the ledger proves it', async ({
  page,
  signedInAs,
  emulator,
}, info) => {
  test.setTimeout(120_000);
  await signedInAs('DataScientist');
  await open(page, `${ENDPOINT}/new-deployment?example=1`);
  await expect(page.getByRole('button', { name: 'Create deployment' })).toHaveCount(0);
  await page.getByLabel('Reason (required)').fill(WHY);
  await page.getByRole('button', { name: 'Propose' }).click();
  await page.waitForURL(/\/changes\/[0-9a-f-]{36}$/);
  const change = page.url();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create deployment anet-green');
  const approve = page.getByRole('button', { name: 'Approve' });
  await expect(approve).toBeDisabled();
  await expect(approve).toHaveAccessibleDescription(/Only these roles may approve/);
  await expect(page.getByRole('button', { name: 'Start' })).toHaveAccessibleDescription(
    /One approval is missing/,
  );
  expect(await emulator.writes()).toEqual([]);

  await become(page, 'Lead', signedInAs);
  await page.getByRole('link', { name: /Changes 1 needs your review/ }).click();
  await page.getByRole('link', { name: 'Create deployment anet-green' }).click();
  await awake(page);
  await expect(page).toHaveURL(change);
  await expect(page.getByText(WHY).first()).toBeVisible();
  await expect(page.getByRole('table', { name: 'What would change' })).toContainText('/models/nbq/versions/2');
  await expect(page.getByRole('list', { name: 'What the guards say' })).toBeVisible();
  await page.getByLabel(/^Comment/).fill('Go ahead');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.locator('.change-head .badge')).toHaveText('approved');
  await awake(page);
  await page.getByRole('button', { name: 'Start' }).click();
  await says(page, 'succeeded');
  expect(await emulator.writes()).toHaveLength(1);

  await become(page, 'Auditor', signedInAs);
  await open(page, '/history');
  await page.getByLabel('Kind').selectOption('Approved');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: 'Approved: Create deployment anet-green' }).click();
  await expect(page.getByText('Go ahead', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: change.split('/').pop() })).toBeVisible();
  await open(page, '/history');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export JSON lines' }).click();
  const file = info.outputPath('ledger.jsonl');
  await (await download).saveAs(file);
  expect(execFileSync(understudy, ['ledger', 'verify', file]).toString()).toContain('Intact');
});

test('a lead freezes a stage with a reason, and unfreezes it', async ({ page, signedInAs }) => {
  await signedInAs('Lead');
  await page.getByRole('link', { name: 'anet-dev', exact: true }).first().click();
  await page.waitForURL('**/stages/anet-dev');
  await awake(page);
  await page.getByLabel('Reason (required)').fill('Exams');
  await page.getByRole('button', { name: 'Freeze anet-dev' }).click();
  await expect(page.getByText('Frozen by Leo Lead', { exact: true })).toBeVisible();
  await awake(page);
  await page.getByLabel('Reason (required)').fill('Exams are over');
  await page.getByRole('button', { name: 'Unfreeze anet-dev' }).click();
  await expect(page.getByRole('button', { name: 'Freeze anet-dev' })).toBeVisible();
});
