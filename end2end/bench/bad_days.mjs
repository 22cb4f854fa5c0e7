// Two bad days: Azure returns an endless list, and the console's disk is full. Measures how the console serves
// another person's pages in the meantime.

import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { launch } from '../launch.mjs';
import { azureIn, consoleOf } from './apart.mjs';
import { answers, memory } from './machine.mjs';
import { row, storeBytes } from './others.mjs';
import { signIn } from './session.mjs';

/** Items per page; every page has new names and a link to the next page. */
const ITEMS = 50;
/** How long the endless list runs while other people are served, in milliseconds. */
const LOOP_MS = 60_000;
const DISK_MIB = 32;

/** An endless list of endpoints: every page differs and has a `nextLink`. */
export async function endlessList() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const azure = await azureIn(folder);
  const between = await proxy(azure.url);
  const console = await consoleOf(folder, between.url, azure.clientId);
  try {
    const vera = await signIn(console, 'vera');
    const rows = [await row('others, while Azure answers well', console, vera)];
    const logBefore = await console.logBytes();
    between.loop();
    const end = Date.now() + LOOP_MS;
    let most = 0;
    let worst = rows[0];
    while (Date.now() < end) {
      const one = await row('others', console, vera);
      if (one.p99 > worst.p99) worst = one;
      most = Math.max(most, (await memory(console.pid)).own);
    }
    const { pages, bytes } = between.sent();
    if (pages < 2) throw new Error('the console did not follow the list');
    rows.push({
      ...worst,
      what: 'others, beside a list of Azure that never ends (the worst hundred pages)',
      note: `at most ${most.toFixed(0)} MB; ${pages} pages, ${(bytes / 1_048_576).toFixed(0)} MiB were read in `
        + `${LOOP_MS / 1_000} s; log grew by ${(((await console.logBytes()) - logBefore) / 1_024).toFixed(0)} KiB`,
    });
    return rows;
  } finally {
    await console.stop();
    between.stop();
    await azure.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A full disk, and the recovery once there is free space again. */
export async function fullDisk() {
  const disk = await mkdtemp(join(tmpdir(), 'understudy-disk-'));
  const sh = promisify(execFile);
  const options = `size=${DISK_MIB}m,mode=700`;
  try {
    await sh('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  } catch {
    await rm(disk, { recursive: true, force: true });
    return [{ what: 'others, beside a full disk', note: 'not measured: mounting a small disk requires root' }];
  }
  try {
    const served = await launch([], disk);
    try {
      const vera = await signIn(served, 'vera');
      const before = await storeBytes(served);
      await fill(join(disk, 'filler'));
      const full = await row('others, beside a full disk', served, vera);
      const ready = await fetch(`${served.url}/readyz`);
      const grown = (await storeBytes(served)) - before;
      await rm(join(disk, 'filler'));
      await answers(`${served.url}/readyz`);
      await signIn(served, 'dana');
      full.note += `; /readyz answered ${ready.status}, and 200 once there was free space; store grew by ${(grown / 1_024).toFixed(0)} KiB`;
      return [full];
    } finally {
      await served.stop();
    }
  } finally {
    await sh('umount', ['-l', disk]).catch(() => {});
    await rm(disk, { recursive: true, force: true });
  }
}

async function fill(path) {
  const file = await open(path, 'w');
  let piece = Buffer.alloc(65_536);
  while (piece.length > 0) {
    await file.write(piece).catch(() => (piece = piece.subarray(0, Math.floor(piece.length / 2))));
  }
  await file.close();
}

/** Forwards everything. After `loop()`, every list of endpoints has one more page. */
async function proxy(azure) {
  let loops = false;
  let pages = 0;
  let bytes = 0;
  const server = createServer((asked, answer) => {
    const path = new URL(asked.url, azure);
    if (loops && asked.method === 'GET' && path.pathname.endsWith('/onlineEndpoints')) {
      const page = endless(`http://${asked.headers.host}`, path, pages);
      pages += 1;
      bytes += page.length;
      answer.writeHead(200, { 'content-type': 'application/json' }).end(page);
      return;
    }
    const { method, headers } = asked;
    const onward = request(path, { method, headers }, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      came.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    loop: () => (loops = true),
    sent: () => ({ pages, bytes }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function endless(origin, path, page) {
  const next = new URL(path.pathname + path.search, origin);
  next.searchParams.set('$skip', String((page + 1) * ITEMS));
  const item = (n) => {
    const name = `ep-${page}-${n}`;
    return {
      id: `${path.pathname}/${name}`,
      name,
      type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
      location: 'westeurope',
      tags: { note: 'x'.repeat(4_096) },
      identity: { type: 'SystemAssigned' },
      properties: { authMode: 'Key', provisioningState: 'Succeeded', traffic: {}, mirrorTraffic: {} },
    };
  };
  const value = Array.from({ length: ITEMS }, (_, n) => item(n));
  return JSON.stringify({ value, nextLink: next.href });
}
