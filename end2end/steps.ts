// Steps that several specs share, by role and label.

import { type Browser, expect, type Locator, type Page } from '@playwright/test';

import { type Console, Emulator, open, type Role, signIn, test } from './fixtures';

/** The page of the demo's production endpoint. */
export const ENDPOINT = '/stages/anet-prod/endpoints/anet-ep-prod';
/** The demo's initial deployment. */
export const PRIMARY = 'anet-eedi';
/** The emulator provisions a deployment within this time. */
export const MADE = { timeout: 30_000 };
/** A build ends within this time in milliseconds, also on a machine that does much else. */
const BUILT_MS = 240_000;

/** A deployment's YAML. */
export function yaml(name: string): string {
  return [
    `name: ${name}`,
    'endpoint_name: anet-ep-prod',
    'model: azureml:nbq:2',
    'environment: azureml:ml-azua-litserve-env:1',
    'instance_type: Standard_DS3_v2',
    'instance_count: 1',
    '',
  ].join('\n');
}

export function deployment(name: string): string {
  return `${ENDPOINT}/deployments/${name}`;
}

/** The deployment's row in the endpoint's table. */
export function row(page: Page, name: string): Locator {
  const header = page.getByRole('rowheader', { name, exact: true });
  return page.getByRole('region', { name: 'Deployments' }).getByRole('row').filter({ has: header });
}

/** The number field of a deployment's live share. */
export function share(page: Page, name: string): Locator {
  return page.getByRole('spinbutton', { name: `Live traffic to ${name}` });
}

/** The slider of a deployment's live share. */
export function slider(page: Page, name: string): Locator {
  return page.getByRole('slider', { name: `Live traffic to ${name}` });
}

/** Reloads the page until `says` passes. */
export async function until(page: Page, says: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.reload();
    await says();
  }).toPass(MADE);
}

/** Signs in as another person. */
export async function become(
  page: Page,
  role: Role,
  signedInAs: (role: Role) => Promise<void>,
): Promise<void> {
  await page.context().clearCookies();
  await signedInAs(role);
}

/** Waits until a change's page shows this state; reloads the page only without scripts. */
export async function says(page: Page, word: string): Promise<void> {
  const state = page.locator('.change-head .badge');
  if (test.info().project.use.javaScriptEnabled === false) {
    await expect(async () => {
      await page.reload();
      await expect(state).toHaveText(word, { timeout: 1_000 });
    }).toPass(MADE);
  }
  await expect(state).toHaveText(word, MADE);
}

/** Creates a second deployment outside the console and mirrors half of the traffic to it. */
export async function shadowed(emulator: Emulator, name: string): Promise<void> {
  const endpoint = await emulator.production();
  const primary = await emulator.arm('GET', `${endpoint}/deployments/${PRIMARY}`);
  const { provisioningState: _, ...properties } = primary.properties;
  const { location, sku } = primary;
  await emulator.arm('PUT', `${endpoint}/deployments/${name}`, { location, sku, properties });
  const succeeded = async (path: string) => {
    await expect
      .poll(async () => (await emulator.arm('GET', path)).properties.provisioningState, MADE)
      .toBe('Succeeded');
  };
  await succeeded(`${endpoint}/deployments/${name}`);
  await succeeded(endpoint);
  const now = await emulator.arm('GET', endpoint);
  const mirrorTraffic = { [name]: 50 };
  await emulator.arm('PUT', endpoint, { ...now, properties: { ...now.properties, mirrorTraffic } });
  await succeeded(endpoint);
}

/** Creates a deployment from a pasted YAML and waits until it is provisioned. */
export async function create(page: Page, name: string): Promise<void> {
  await open(page, `${ENDPOINT}/new-deployment`);
  await page.getByRole('textbox', { name: 'Deployment YAML' }).fill(yaml(name));
  await page.getByRole('button', { name: 'Create deployment' }).click();
  await page.waitForURL('**/runs/*');
  await goOn(page, deployment(name));
  await made(page);
}

/** Leaves a run's page, which may be reloading itself and override the navigation. */
export async function goOn(page: Page, path: string): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    expect(new URL(page.url()).pathname).toBe(path);
  }).toPass({ timeout: 10_000 });
}

/** On a deployment's page: waits until the deployment is provisioned. */
export async function made(page: Page): Promise<void> {
  await until(page, () =>
    expect(state(page)).toHaveText('Succeeded', { timeout: 1_000 }),
  );
}

/** On a deployment's page: the provisioning state. */
export function state(page: Page): Locator {
  const facts = page.getByRole('region', { name: 'Deployment', exact: true });
  return facts.getByRole('definition').first();
}

/** On an endpoint's page: waits until no run is in progress and the route is `route`. */
export async function routed(page: Page, route: string): Promise<void> {
  const bar = page.getByRole('region', { name: 'Traffic split', exact: true });
  await until(page, async () => {
    await expect(bar.getByRole('img', { name: `Traffic split: ${route}` })).toBeVisible({ timeout: 1_000 });
    await expect(page.getByRole('progressbar', { name: 'In progress' })).toHaveCount(0);
  });
}

/**
 * Builds the demo's image with the release build-dev, waits for the build's end, and returns its page. `subject` is that of
 * the branch's newest commit, which is built.
 */
export async function built(page: Page, subject: string): Promise<string> {
  const plan = '/releases/ml-azua/deploy.yml/build-dev/build';
  // The console remembers for a moment where a branch is, and refuses to build a commit that is not the newest one.
  await expect(async () => {
    await page.goto(plan);
    const shown = page.getByRole('region', { name: 'What is built' });
    await expect(shown).toContainText(subject, { timeout: 1_000 });
  }).toPass(MADE);
  await page.getByRole('button', { name: 'Build', exact: true }).click();
  await page.waitForURL('**/jobs/*');
  const state = page.locator('.head .badge').first();
  // With scripts the page follows the job. Reloading it would take the build's processor time.
  if (test.info().project.use.javaScriptEnabled === false) {
    await expect(async () => {
      await page.reload();
      await expect(state).toHaveText(/Succeeded|Failed/, { timeout: 1_000 });
    }).toPass({ timeout: BUILT_MS, intervals: [1_000] });
  }
  await expect(state).toHaveText(/Succeeded|Failed/, { timeout: BUILT_MS });
  return new URL(page.url()).pathname;
}

/**
 * For `beforeAll`: builds an image that answers `answer`, and returns the page of the build. The hook has its own time limit,
 * to which the limit of the file's tests does not apply.
 */
export async function builtBefore(browser: Browser, { url, emulator }: Console, answer: string): Promise<string> {
  test.setTimeout(BUILT_MS + 30_000);
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await signIn(page, 'DataScientist');
  const path = await built(page, await answering(new Emulator(emulator), answer));
  await context.close();
  return path;
}

/** Without packages from PyPI, whose download would be most of a test's time. */
const DOCKERFILE = `FROM python:3.12-slim AS base
WORKDIR /app
COPY serve.py ./
FROM base AS training
FROM base AS litserve
CMD ["python", "/app/serve.py"]
`;

/** A server that gives the same answer to every request. */
function program(answer: string): string {
  return `import http.server
import os


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b'{"status": "ok"}')

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer(b'{"answer": "${answer}"}')

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
`;
}

/** Commits an application that gives the same answer to every request. Returns the subject of the commit. */
export async function answering(emulator: Emulator, answer: string): Promise<string> {
  const files = { Dockerfile: DOCKERFILE, 'serve.py': program(answer) };
  const message = `Answer ${answer}`;
  await emulator.commit({ branch: 'main', files, message });
  return message;
}

const DEV = '/stages/anet-dev/endpoints/anet-ep-dev';

/** On the page of a finished build: deploys its image, and returns the deployment's name. */
export async function deployed(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Deploy this image' }).click();
  await page.waitForURL('**/new-deployment?environment=*');
  const yaml = await page.getByRole('textbox', { name: 'Deployment YAML' }).inputValue();
  const name = /^name: (.*)$/m.exec(yaml)?.[1] ?? '';
  await page.getByRole('button', { name: 'Create deployment' }).click();
  await page.waitForURL('**/runs/*');
  await goOn(page, `${DEV}/deployments/${name}`);
  await made(page);
  return name;
}

/** What a deployment of the development endpoint answers to the test request. */
export async function answerOf(page: Page, name: string): Promise<string> {
  await open(page, `${DEV}/test`);
  for (const choice of await page.getByRole('checkbox').all()) await choice.uncheck();
  await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('button', { name: 'Send' }).click();
  const answer = page.getByRole('article');
  await expect(answer).toContainText('200');
  return (await answer.textContent()) ?? '';
}
