// An emulator and a console in processes of their own, so that each can be measured or replaced.

import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { site, understudy } from '../launch.mjs';
import { answers, freePort, start } from './machine.mjs';

const TENANT = '00000000-0000-4000-8000-0000000000aa';
/** The subscription and the resource group that the demo team's repository names. */
const SUBSCRIPTION = '5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001';
const GROUP = 'anet-0001';

/** Starts an emulator with the demo team, whose state is in `folder`. */
export async function azureIn(folder) {
  const port = await freePort();
  const state = join(folder, 'azure');
  const listen = ['--listen', `127.0.0.1:${port}`, '--builder', 'process'];
  const place = ['--subscription', SUBSCRIPTION, '--resource-group', GROUP];
  const process = start(understudy, ['emulator', '--demo', '--state', state, ...place, ...listen]);
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/emulator/clock`);
  // It prints its client id after it has begun to answer.
  let found = null;
  for (let tries = 0; !found && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = /client id +(\S+)/.exec(process.said());
  }
  if (!found) throw new Error(`the emulator did not print its client id:\n${process.said()}`);
  const clientId = found[1];
  const { token } = JSON.parse(await readFile(join(state, 'github', 'github.json'), 'utf8'));
  return { url, clientId, token, stop: () => process.stop() };
}

/** Starts a console on the Azure at the URL `azure`. `more` is appended to its configuration. */
export async function consoleOf(folder, azure, clientId, more = '') {
  const entra = JSON.parse(await readFile(join(folder, 'azure', 'entra.json'), 'utf8'));
  const [, secret] = Object.entries(entra).find(([name]) => /secret/i.test(name));
  const secretFile = join(folder, 'secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const identity = `tenant_id: ${TENANT}, client_id: ${clientId}`;
  const config = join(folder, 'understudy.yml');
  await writeFile(config, `public_url: ${url}
cloud: { loopback: ${azure} }
poll_interval_s: 1
credential: { kind: client_secret, ${identity}, secret_file: ${secretFile} }
sign_in: { ${identity}, client_secret_file: ${secretFile} }
stages:
  - { name: anet-prod, subscription_id: ${SUBSCRIPTION}, resource_group: ${GROUP}, workspace: mlw-anet-0001prod }
${more}`);
  const data = join(folder, 'console');
  await mkdir(data, { recursive: true });
  const log = await open(join(folder, 'log'), 'w');
  const flags = ['--config', config, '--data', data, '--listen', `127.0.0.1:${port}`];
  const process = start(understudy, ['serve', ...flags], {
    env: { ...globalThis.process.env, UNDERSTUDY_SITE: site },
    stdio: ['pipe', log.fd, log.fd],
  });
  await answers(`${url}/healthz`);
  const logBytes = async () => (await stat(join(folder, 'log'))).size;
  return {
    url,
    emulator: azure,
    data,
    pid: process.pid,
    logBytes,
    async stop() {
      await process.stop();
      await log.close();
    },
  };
}
