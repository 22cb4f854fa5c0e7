// The main workflow: on a stage that requires evidence, one person proposes, another sees plan, differences and
// evidence on one page and approves, the change runs, and an auditor finds, exports and verifies the ledger.

import { execFileSync } from 'node:child_process';

import { awake, expect, open, test } from '../fixtures';
import { understudy } from '../launch.mjs';
import { become, ENDPOINT, MADE, says, shadowed } from '../steps';

// Playwright reads a plain array as [value, options], so the array is wrapped.
test.use({ world: 'evidence', flags: [['--protect', 'anet-prod'], { scope: 'worker' }] });

const WHY = 'Half of the traffic first: it answers as well as eedi';
const TITLE = 'Set the route to anet-eedi 50 %, anet-green 50 %';
const CAPTURE = { name: 'Capture a shadow comparison of anet-green' };

test('live traffic moves on evidence that a second person approved, and the ledger proves it', async ({
  page,
  signedInAs,
  emulator,
}, info) => {
  test.setTimeout(180_000);
  await shadowed(emulator, 'anet-green');
  const before = (await emulator.writes()).length;

  await signedInAs('DataScientist');
  await expect(async () => {
    await open(page, `${ENDPOINT}/route?live.anet-eedi=50&live.anet-green=50`);
    const guards = page.getByRole('list', { name: 'What the guards say' });
    await expect(guards).toContainText('The shadow comparison of anet-green is missing.', {
      timeout: 1_000,
    });
  }).toPass(MADE);
  await page.getByLabel('Reason (required)').fill(WHY);
  await page.getByRole('button', { name: 'Propose' }).click();
  await page.waitForURL(/\/changes\/[0-9a-f-]{36}$/);
  const change = page.url();
  const approve = page.getByRole('button', { name: 'Approve' });
  await expect(approve).toHaveAccessibleDescription(/Only these roles may approve/);

  await become(page, 'Lead', signedInAs);
  await page.getByRole('link', { name: /Changes 1 needs your review/ }).click();
  await page.getByRole('link', { name: TITLE }).click();
  await awake(page);
  await expect(page).toHaveURL(change);
  await expect(page.getByText(WHY).first()).toBeVisible();
  await expect(page.getByRole('table', { name: 'What would change' })).toContainText('50');
  const evidence = page.getByRole('region', { name: 'Evidence' });
  await expect(evidence.getByText('missing')).toBeVisible();
  await expect(approve).toBeDisabled();
  await expect(approve).toHaveAccessibleDescription(/shadow comparison of anet-green is missing/);

  // Both sides need some measured traffic first.
  await expect(async () => {
    await open(page, change);
    await evidence.getByRole('button', CAPTURE).click();
    await expect(evidence.locator('.badge')).toHaveText('passed', { timeout: 5_000 });
  }).toPass({ timeout: 90_000 });
  await expect(evidence.getByText(/each side needs 20/)).toBeVisible();
  await expect(evidence.getByText(/Captured .* by Leo Lead/)).toBeVisible();
  await awake(page);
  await page.getByLabel(/^Comment/).fill('The numbers are good');
  await approve.click();
  await expect(page.locator('.change-head .badge')).toHaveText('approved');
  await awake(page);
  await page.getByRole('button', { name: 'Start' }).click();
  await says(page, 'succeeded');
  expect(await emulator.writes()).toHaveLength(before + 1);

  await become(page, 'Auditor', signedInAs);
  await open(page, '/history');
  await page.getByLabel('Kind').selectOption('Approved');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: `Approved: ${TITLE}` }).click();
  await expect(page.getByText('The numbers are good', { exact: true })).toBeVisible();
  await expect(page.getByText(/^sha256:/)).toBeVisible();
  await page.getByRole('link', { name: change.split('/').pop() }).click();
  await awake(page);
  await evidence.getByRole('link', { name: 'Shadow comparison of anet-green' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Shadow comparison of anet-green');

  await open(page, '/history');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export JSON lines' }).click();
  const file = info.outputPath('ledger.jsonl');
  await (await download).saveAs(file);
  expect(execFileSync(understudy, ['ledger', 'verify', file]).toString()).toContain('Intact');
});
