// `make bench`: measures every promised number on this machine, in one table.
// Everything runs on 127.0.0.1, within a time limit. A slow result fails nothing. Arguments name the parts to measure.

import { cpus } from 'node:os';

import { launch } from '../launch.mjs';
import { endlessList, fullDisk } from './bad_days.mjs';
import { lighthouse } from './lighthouse.mjs';
import { limits } from './limits.mjs';
import { logs } from './logs.mjs';
import { firstLoads, mainPages, rendering } from './pages.mjs';
import { router } from './router.mjs';
import { signIn } from './session.mjs';

const TIME_MAX_MS = 15 * 60 * 1000;

setTimeout(() => {
  console.error(`bench: not done after ${TIME_MAX_MS / 60_000} minutes`);
  process.exit(1);
}, TIME_MAX_MS).unref();

const PARTS = {
  router: () => measure('router beside nginx', router),
  pages: () =>
    on(async (served) => {
      const cookie = await signIn(served);
      const pages = await mainPages(served, cookie);
      const people = ['dana', 'leo', 'vera', 'ada'].map((account) => signIn(served, account));
      const cookies = await Promise.all(people);
      await measure('pages', () => rendering(served, pages, cookies));
      await measure('first load', () => firstLoads(pages, cookie));
      await measure('Lighthouse', () => lighthouse(pages, cookie));
    }),
  limits: () => on((served) => measure('limits', () => limits(served))),
  logs: () => measure('long logs', logs),
  endless: () => measure('a list of Azure without end', endlessList),
  disk: () => measure('a full disk', fullDisk),
};

const rows = [];
let failed = false;
/** Adds rows to the table. A measurement that fails is reported, and the others go on. */
async function measure(name, rowsOf) {
  console.error(`bench: ${name}`);
  try {
    rows.push(...(await rowsOf()));
  } catch (error) {
    console.error(`bench: ${name} failed: ${error.message}`);
    failed = true;
  }
}

/** Measures something on a console that was just started. */
async function on(part) {
  const served = await launch();
  try {
    await part(served);
  } finally {
    await served.stop();
  }
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  if (!PARTS[name]) throw new Error(`${name} is not a part: ${Object.keys(PARTS).join(', ')}`);
  await PARTS[name]();
}

const [{ model }] = cpus();
console.log(`\nOn ${cpus().length} × ${model.trim()}, load generator included.\n`);
console.log('| what | requests/s | p50 ms | p99 ms | |');
console.log('|---|--:|--:|--:|---|');
for (const { what, rps, p50, p99, note } of rows) {
  const figure = (number, digits) => number?.toFixed(digits) ?? '';
  console.log(`| ${what} | ${figure(rps, 0)} | ${figure(p50, 2)} | ${figure(p99, 2)} | ${note ?? ''} |`);
}
process.exit(failed ? 1 : 0);
