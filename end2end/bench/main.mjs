// `make bench`: everything that is promised as a number, measured on this machine in one table.
// Everything runs on 127.0.0.1. It bounds its own time; nothing here is a test.

import { cpus } from 'node:os';

import { launch } from '../launch.mjs';
import { lighthouse } from './lighthouse.mjs';
import { limits } from './limits.mjs';
import { firstLoads, mainPages, rendering } from './pages.mjs';
import { router } from './router.mjs';
import { signIn } from './session.mjs';

const TIME_MAX_MS = 10 * 60 * 1000;

setTimeout(() => {
  console.error(`bench: not done after ${TIME_MAX_MS / 60_000} minutes`);
  process.exit(1);
}, TIME_MAX_MS).unref();

const rows = [];
async function measure(name, rowsOf) {
  console.error(`bench: ${name}`);
  rows.push(...(await rowsOf()));
}

await measure('router beside nginx', router);
const served = await launch();
try {
  const cookie = await signIn(served);
  const pages = await mainPages(served, cookie);
  await measure('pages', () => rendering(served, pages, cookie));
  await measure('first load', () => firstLoads(pages, cookie));
  await measure('Lighthouse', () => lighthouse(pages, cookie));
} finally {
  await served.stop();
}

const limited = await launch();
try {
  await measure('limits', () => limits(limited));
} finally {
  await limited.stop();
}

const [{ model }] = cpus();
console.log(`\nOn ${cpus().length} × ${model.trim()}, load generator included.\n`);
console.log('| what | requests/s | p50 ms | p99 ms | |');
console.log('|---|--:|--:|--:|---|');
for (const { what, rps, p50, p99, note } of rows) {
  const figure = (number, digits) => number?.toFixed(digits) ?? '';
  console.log(`| ${what} | ${figure(rps, 0)} | ${figure(p50, 2)} | ${figure(p99, 2)} | ${note} |`);
}
process.exit(0);
