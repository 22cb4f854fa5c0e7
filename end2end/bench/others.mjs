// How the console serves other people under adverse conditions, and its memory.

import { stat } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';

import { memory } from './machine.mjs';

/** The response times of a hundred page loads, and the process's memory afterwards. */
export async function row(what, served, cookie) {
  const took = [];
  for (let n = 0; n < 100; n += 1) {
    const start = performance.now();
    const status = await asked(`${served.url}/changes`, { cookie, accept: 'text/html' });
    if (status !== 200) throw new Error(`${what}: the page answered ${status}`);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  return { what, p50: took[49], p99: took[98], note: `${await megabytes(served)} MB` };
}

/** The status of a GET request, once the whole response has arrived. */
export function asked(url, headers, agent) {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
      answer.once('error', reject);
    });
    request.once('error', reject);
  });
}

/** The resident memory of the console's process, including its emulator if any, in megabytes. */
export async function megabytes({ pid }) {
  return (await memory(pid)).own.toFixed(0);
}

/** The size of the SQLite database with its write-ahead log, in bytes. */
export async function storeBytes({ data }) {
  const sizes = ['understudy.db', 'understudy.db-wal'].map((name) =>
    stat(join(data, name)).then(({ size }) => size, () => 0),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
