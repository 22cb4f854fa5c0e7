// The audit log: entries are found, exported and verified outside the console.

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';

import { expect, open, test } from '../fixtures';
import { understudy } from '../launch.mjs';

test.use({ world: 'history' });

test('an auditor finds an entry, exports the audit log and verifies it', async ({
  page,
  signedInAs,
}, info) => {
  await signedInAs('Auditor');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('heading', { name: 'Audit log', level: 1 })).toBeVisible();

  await page.getByLabel('Kind').selectOption('Sign-in');
  await page.getByLabel('Person').fill('ada');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/kind=signed_in/);
  await page.getByRole('link', { name: 'Signed in' }).first().click();
  await expect(page.getByText('Leaf hash', { exact: true })).toBeVisible();

  await open(page, '/history');
  await page.getByRole('button', { name: 'Verify the stored ledger' }).click();
  await expect(page.getByRole('alert')).toContainText('Intact');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export JSON lines' }).click();
  const file = info.outputPath('ledger.jsonl');
  await (await download).saveAs(file);
  expect(execFileSync(understudy, ['ledger', 'verify', file]).toString()).toContain('Intact');
  appendFileSync(file, readFileSync(file).subarray(0, 1));
  expect(spawnSync(understudy, ['ledger', 'verify', file]).status).toBe(1);
});

test('a viewer can read the audit log but not export it', async ({ page, signedInAs }) => {
  await signedInAs('Viewer');
  await open(page, '/history');
  await expect(page.getByRole('button', { name: 'Verify the stored ledger' })).toBeDisabled();
  await expect(page.getByRole('link', { name: 'Export CSV' })).toHaveCount(0);
  await expect(page.getByText('Only these roles may export')).toBeVisible();
});

test('“What was live” says if there is no record', async ({
  page,
  signedInAs,
}) => {
  await signedInAs('Viewer');
  await open(page, '/history');
  const live = page.getByRole('region', { name: 'What was live' });
  await live.getByLabel('Endpoint').selectOption('anet-ep-prod on anet-prod');
  await live.getByLabel('At', { exact: true }).fill('2020-01-01T00:00:00');
  await live.getByRole('button', { name: 'Show what was live' }).click();
  await expect(page.getByText('so what was live is unknown')).toBeVisible();
});
