// What criterion measures: every benchmark of the workspace, from the estimates it leaves behind.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { target } from '../launch.mjs';
import { run } from './machine.mjs';

/** Rows for the table: the time of one round, and the throughput where the benchmark states one. */
export async function criterion() {
  await run('cargo', ['bench', '--quiet', '--workspace', '--bench', '*'], {
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  const rows = [];
  for (const folder of await measured(join(target, 'criterion'))) {
    const { full_id: what, throughput } = await read(folder, 'benchmark.json');
    const { mean } = await read(folder, 'estimates.json');
    const seconds = mean.point_estimate / 1e9;
    const each = throughput?.Elements;
    const rate = each ? `; ${Math.round(each / seconds).toLocaleString('en')} a second` : '';
    rows.push({ what, p50: seconds * 1_000, note: `mean of a round${rate}` });
  }
  return rows;
}

/** The folders of the last run, wherever groups have put them. */
async function measured(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inside = entries.filter((entry) => entry.isDirectory() && entry.name !== 'report');
  const found = [];
  for (const { name } of inside) {
    const path = join(folder, name);
    found.push(...(name === 'new' ? [path] : await measured(path)));
  }
  return found.sort();
}

async function read(folder, file) {
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}
