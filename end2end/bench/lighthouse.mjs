// Lighthouse's scores of the main pages, signed in.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './machine.mjs';

const CLI = fileURLToPath(new URL('../node_modules/lighthouse/cli/index.js', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

/** Rows for phone (Lighthouse's default, on a slow network) and desktop. */
export async function lighthouse(pages, cookie) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-lighthouse-'));
  const rows = [];
  try {
    const headers = join(folder, 'headers.json');
    await writeFile(headers, JSON.stringify({ Cookie: cookie }));
    for (const { name, url } of pages) {
      for (const device of ['phone', 'desktop']) {
        const report = join(folder, 'report.json');
        await run(process.execPath, [CLI, url, ...flags(headers, report, device)], {
          env: { ...process.env, CHROME_PATH: CHROMIUM },
        });
        const note = scores(JSON.parse(await readFile(report, 'utf8')));
        rows.push({ what: `Lighthouse, ${name}, ${device}`, note });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

function flags(headers, report, device) {
  return [
    '--quiet',
    `--extra-headers=${headers}`,
    `--only-categories=${CATEGORIES.join(',')}`,
    `--chrome-flags=${CHROMIUM_FLAGS.join(' ')}`,
    '--output=json',
    `--output-path=${report}`,
    '--max-wait-for-load=30000',
    ...(device === 'desktop' ? ['--preset=desktop'] : []),
  ];
}

function scores({ categories, audits }) {
  const score = (id) => `${categories[id].title.toLowerCase()} ${Math.round(categories[id].score * 100)}`;
  const lcp = audits['largest-contentful-paint'].displayValue;
  return `${CATEGORIES.map(score).join(', ')}; largest paint ${lcp}`;
}
