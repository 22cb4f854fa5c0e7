import { expect, open, test, type Emulator } from '../fixtures';
import { built, goOn, made } from '../steps';

import type { Page } from '@playwright/test';

// From a commit to an answer: build, log, environment version, deployment; and again with one changed line.
test.use({ world: 'build' });
test.describe.configure({ mode: 'serial', timeout: 240_000 });

const DEV = '/stages/anet-dev/endpoints/anet-ep-dev';
// Without packages from PyPI, so that the story is about the console.
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

async function commit(emulator: Emulator, answer: string): Promise<void> {
  const files = { Dockerfile: DOCKERFILE, 'serve.py': program(answer) };
  await emulator.commit({ branch: 'main', files, message: `Answer ${answer}` });
}

/** Deploys the image of a finished build, and returns the deployment's name. */
async function deploy(page: Page): Promise<string> {
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

async function ask(page: Page, name: string): Promise<string> {
  await open(page, `${DEV}/test`);
  for (const choice of await page.getByRole('checkbox').all()) await choice.uncheck();
  await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('button', { name: 'Send' }).click();
  const answer = page.getByRole('article');
  await expect(answer).toContainText('200');
  return (await answer.textContent()) ?? '';
}

test.beforeEach(async ({ signedInAs }) => {
  await signedInAs('DataScientist');
});

for (const answer of ['one', 'two']) {
  test(`a build of the commit that answers ${answer} can be deployed`, async ({ page, emulator }) => {
    await commit(emulator, answer);
    await built(page);
    const log = page.getByRole('region', { name: 'Log', exact: true });
    await expect(log).toContainText('Successfully tagged');
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('sha256:');
    const name = await deploy(page);
    expect(await ask(page, name)).toContain(answer);
  });
}

test('the page of the image says which deployments use each version', async ({ page }) => {
  await page.goto('/stages/anet-dev/images/ml-azua-litserve-env');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions).toContainText('Version 3');
  await expect(versions.getByRole('link', { name: /anet-/ }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Archive version 3' })).toBeDisabled();
});
