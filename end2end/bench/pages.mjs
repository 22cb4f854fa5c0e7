// Server rendering, and the transfer size of a first visit.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { medians, memory, wrk } from './machine.mjs';

const ROUNDS = 3;
const SECONDS = 5;
/** Requests in flight, as in the stated target. */
const CONNECTIONS = 100;

/** The measured pages by name; the endpoint is the first one on the overview. */
export async function mainPages({ url }, cookie) {
  const overview = await (await fetch(url, { headers: { cookie } })).text();
  const endpoint = /href="(\/stages\/[^/"]+\/endpoints\/[^/"?#]+)"/.exec(overview)?.[1];
  if (!endpoint) throw new Error('the overview links no endpoint');
  return [
    { name: 'overview', url: `${url}/` },
    { name: 'endpoint page', url: `${url}${endpoint}` },
  ];
}

/**
 * Rows for server rendering: throughput, latency, memory. The people of `cookies` take turns, because the console
 * answers at most 64 requests of one person at once.
 */
export async function rendering({ pid }, pages, cookies) {
  const rows = [];
  const before = await memory(pid);
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const script = join(folder, 'people.lua');
  await writeFile(script, `local cookies = { ${cookies.map((one) => JSON.stringify(one)).join(', ')} }
local turn = 0
request = function()
  turn = turn % #cookies + 1
  return wrk.format("GET", nil, { cookie = cookies[turn] })
end
`);
  for (const { name, url } of pages) {
    const runs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = { seconds: SECONDS, connections: CONNECTIONS, script };
      runs.push(await wrk(url, load));
    }
    const { own } = await memory(pid);
    const note = `${CONNECTIONS} in flight; ${own.toFixed(0)} MB resident, ${before.own.toFixed(0)} MB before`;
    rows.push({ what: `${name}, server-rendered`, ...medians(runs), note });
  }
  await rm(folder, { recursive: true, force: true });
  return rows;
}

/** Rows for the transfer size of a first visit: the HTML and everything that it loads immediately, with Brotli. */
export async function firstLoads(pages, cookie) {
  const rows = [];
  for (const { name, url } of pages) {
    const html = await transferred(url, cookie);
    const links = html.text.matchAll(/(?:href|src)="(\/pkg\/[^"]+)"/g);
    const files = [...new Set([...links].map(([, path]) => path))];
    const sizes = await Promise.all(
      files.map(async (path) => ({ path, bytes: (await transferred(new URL(path, url), cookie)).bytes })),
    );
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, html.bytes);
    const parts = sizes.map(({ path, bytes }) => `${path.split('.').pop()} ${kilobytes(bytes)}`);
    const note = `${kilobytes(total)}: html ${kilobytes(html.bytes)}, ${parts.join(', ')}`;
    rows.push({ what: `first load of the ${name}, brotli`, note });
  }
  return rows;
}

/** The encoded body, which `fetch` would decode. */
function transferred(url, cookie) {
  const headers = { cookie, 'accept-encoding': 'br', accept: 'text/html,*/*' };
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        if (response.statusCode !== 200) {
          return reject(new Error(`${url} answers ${response.statusCode}`));
        }
        const isBrotli = response.headers['content-encoding'] === 'br';
        const text = (isBrotli ? brotliDecompressSync(body) : body).toString();
        resolve({ bytes: body.length, text });
      });
    })
      .on('error', reject)
      .end();
  });
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
