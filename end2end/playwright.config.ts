import { defineConfig, devices } from '@playwright/test';

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 900 } };
const phone = { width: 390, height: 844 };

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // One console per worker; the machine also runs the servers.
  workers: 2,
  fullyParallel: false,
  // A test that passes only on the second attempt has failed.
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
      // The browser itself must not use the network.
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
  // Specs run in all three projects; those that need scripts are named *.hydrate.spec.ts.
  projects: [
    { name: 'hydrated', use: desktop },
    {
      name: 'no-js',
      testIgnore: '**/*.hydrate.spec.ts',
      use: { ...desktop, javaScriptEnabled: false },
    },
    {
      name: 'mobile',
      // Specs that do not depend on the screen size run once.
      testIgnore: /(story|live|keyboard|csp|build|buildah)\.hydrate\.spec\.ts/,
      use: { ...desktop, viewport: phone, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
    },
  ],
});
