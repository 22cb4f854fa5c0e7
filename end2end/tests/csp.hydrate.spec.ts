import { expect, open, test } from '../fixtures';
import { PAGES } from '../pages';
import { ENDPOINT } from '../steps';

test('no page violates its content security policy or logs errors', async ({ page, signedInAs }) => {
  test.setTimeout(90_000);
  const complaints: string[] = [];
  await page.exposeFunction('complain', (text: string) => complaints.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { complain } = window as unknown as { complain: (text: string) => void };
      complain(`${event.violatedDirective}: ${event.blockedURI} in ${location.pathname}`);
    });
  });
  await signedInAs('DataScientist');
  // The fixture `quiet` rejects browser errors in every test.
  for (const [, path] of [['sign-in', '/sign-in'], ...PAGES] as const) {
    await open(page, path);
  }
  expect(complaints).toEqual([]);
});

test('every response forbids what the console does not need', async ({ page, signedInAs }) => {
  await signedInAs('Viewer');
  for (const path of ['/', ENDPOINT, '/nowhere', '/sign-in']) {
    const headers = (await page.goto(path))?.headers() ?? {};
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toMatch(/'unsafe-(inline|eval)'/);
    expect(headers['x-content-type-options'], path).toBe('nosniff');
  }
});

test('no page requests anything outside the console', async ({ page, console: server, signedInAs }) => {
  test.setTimeout(90_000);
  await signedInAs('DataScientist');
  const strangers: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith('data:')) strangers.push(url);
  });
  for (const [, path] of PAGES) await open(page, path);
  expect(strangers).toEqual([]);
});
