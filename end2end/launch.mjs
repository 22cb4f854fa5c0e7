// Starts the release build of the console with its emulator, on free ports and with a new data directory.

import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const LOG_LINES_MAX = 200;
const READY = /understudy is ready: (http:\/\/\S+?)\/? \(emulator (http:\/\/\S+?)\/?\)/;

const target =
  process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache', 'understudy', 'target');

/** The release binary. */
export const understudy = process.env.UNDERSTUDY ?? join(target, 'release', 'understudy');

/** The folder of the release bundle. */
export const site = process.env.UNDERSTUDY_SITE ?? join(target, 'site');

/**
 * Starts a console and waits until it is ready. Its data is in `folder`, if given.
 * `stop()` ends the console and removes its data; `log()` returns its latest output.
 */
export async function launch(extra = [], folder) {
  for (const path of [understudy, site]) {
    if (!existsSync(path)) throw new Error(`${path} is missing: run make build first`);
  }
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'understudy-')));
  const clean = async () => folder || rm(data, { recursive: true, force: true });
  // Other builders would pull a base image from a public registry.
  const builder = extra.includes('--builder') ? [] : ['--builder', 'process'];
  const own = ['--emulator-listen', '127.0.0.1:0', ...builder];
  const flags = ['--listen', '127.0.0.1:0', '--data', data, ...own];
  const child = spawn(understudy, ['serve', ...flags, ...extra], {
    env: { ...process.env, UNDERSTUDY_SITE: site },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  const log = () => lines.join('');
  const gone = new Promise((resolve) => child.once('close', resolve));

  // Nobody calls stop() if this process ends early, for example because the run was interrupted.
  const end = () => {
    child.kill('SIGKILL');
    if (!folder) rmSync(data, { recursive: true, force: true });
  };
  process.once('exit', end);

  const stop = async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(timer);
    await clean();
    process.off('exit', end);
  };

  const ready = new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error('is not ready in time')), START_TIMEOUT_MS);
    const listen = (chunk) => {
      lines.push(chunk.toString());
      if (lines.length > LOG_LINES_MAX) lines.shift();
    };
    child.stderr.on('data', listen);
    child.stdout.on('data', (chunk) => {
      listen(chunk);
      printed += chunk;
      const match = READY.exec(printed);
      if (match) {
        clearTimeout(timer);
        resolve({ url: match[1], emulator: match[2] });
      }
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`ended with ${code}`)));
  });

  try {
    const { url, emulator } = await ready;
    return { url, emulator, data, pid: child.pid, stop, log };
  } catch (error) {
    child.kill('SIGKILL');
    await clean();
    process.off('exit', end);
    throw new Error(`understudy ${error.message}:\n${log()}`);
  }
}
