import { defineConfig, devices } from '@playwright/test';

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 900 } };
const phone = { width: 390, height: 844 };

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // One console per worker; the machine has to run the servers as well.
  workers: 2,
  fullyParallel: false,
  // A test that passes only the second time has failed.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [[process.env.CI ? 'list' : 'line'], ['./failures.ts']],
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Offline: the browser itself asks nobody for anything.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // A spec says the same in all three; what needs scripts lives in *.hydrate.spec.ts.
  projects: [
    { name: 'hydrated', use: desktop },
    {
      name: 'no-js',
      testIgnore: '**/*.hydrate.spec.ts',
      use: { ...desktop, javaScriptEnabled: false },
    },
    {
      name: 'mobile',
      // What does not depend on the size of the screen is said once.
      testIgnore: /(story|live|keyboard|csp)\.hydrate\.spec\.ts/,
      use: { ...desktop, viewport: phone, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
    },
  ],
});
