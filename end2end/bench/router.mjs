// Compares the emulator's router with nginx in front of the same model server: plain, split and mirrored.
// Rounds are interleaved, so that other load on the machine affects both.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { understudy } from '../launch.mjs';
import { answers, freePort, load, medians, start, wrk } from './machine.mjs';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;
/** Requests per second of the paced rounds, far below either server's capacity, as in production. */
const RATE = 1_000;

const BODY = JSON.stringify({
  student: { answers: [{ item: 'q1', correct: true }, { item: 'q9', correct: true }, { item: 'q17', correct: false }] },
  candidates: ['q3', 'q12', 'q20', 'q26', 'q33'],
  top: 3,
});
const HEADERS = { authorization: 'Bearer bench', 'content-type': 'application/json' };

const CASES = [
  { name: 'one deployment', split: 'blue=100', mirror: 0 },
  { name: 'split 90/10', split: 'blue=90,green=10', mirror: 0 },
  { name: 'all mirrored', split: 'blue=100', mirror: 100 },
];

const bins = dirname(understudy);

/** Rows for the table. */
export async function router() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  try {
    const rows = await paced(folder);
    for (const one of CASES) rows.push(...(await saturated(one, folder)));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The client's cost of mirroring at a steady rate; latency counts from when a request was due. */
async function paced(folder) {
  const [plain, , mirrored] = CASES;
  const pairs = [];
  for (const contender of [ours, nginx]) {
    pairs.push(await Promise.all([plain, mirrored].map((one) => contender(one, folder))));
  }
  const started = pairs.flat();
  await measured(started, (at) =>
    load(at, { rate: RATE, seconds: SECONDS, connections: CONNECTIONS, body: BODY }),
  );
  return pairs.flatMap(([without, all]) => {
    const [first, second] = [without, all].map(({ what, runs }) => ({
      what: `${what}, ${RATE} requests/s`,
      ...medians(runs),
      note: `median of ${ROUNDS}`,
    }));
    second.note += `${copies(all.said())}; p99 ${(second.p99 / first.p99).toFixed(2)} × that without mirror`;
    return [first, second];
  });
}

/** The maximum throughput. */
async function saturated(one, folder) {
  const script = join(folder, 'score.lua');
  await writeFile(script, `wrk.method = "POST"\nwrk.body = [[${BODY}]]\n`);
  const started = [await ours(one, folder), await nginx(one, folder)];
  await measured(started, (at, seconds = SECONDS) =>
    wrk(`http://${at}`, { seconds, connections: CONNECTIONS, script, headers: HEADERS }),
  );
  return started.map(({ what, runs, said }) => {
    const note = `median of ${ROUNDS}${copies(said())}`;
    return { what: `${what}, saturated`, ...medians(runs), note };
  });
}

/** The share of copies that the router sent. nginx sends all copies, and responds later. */
function copies(said) {
  const [, sent, dropped] = /copies sent=(\d+) dropped=(\d+)/.exec(said) ?? [];
  const all = Number(sent) + Number(dropped);
  return all > 0 ? `; ${((100 * sent) / all).toFixed(1)} % of the copies sent` : '';
}

/** Interleaved rounds, so that other load on the machine affects all servers. */
async function measured(started, round) {
  try {
    for (const { at } of started) {
      await answers(`http://${at}`, { method: 'POST', headers: HEADERS, body: BODY });
      await round(at, 1);
    }
    for (let count = 0; count < ROUNDS; count += 1) {
      for (const one of started) one.runs.push(await round(one.at));
    }
  } catch (error) {
    throw new Error([error.message, ...started.map(({ said }) => said())].join('\n'));
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}

async function ours({ name, split, mirror }) {
  const port = await freePort();
  const server = start(join(bins, 'dataplane-bench-router'), [
    ...['--listen', `127.0.0.1:${port}`, '--deployments', split, '--mirror', String(mirror)],
  ]);
  return { ...server, what: `router, ${name}`, at: `127.0.0.1:${port}/score`, runs: [] };
}

/** nginx with one worker per processor, in front of its own model servers. */
async function nginx({ name, split, mirror }, parent) {
  const folder = await mkdtemp(join(parent, 'nginx-'));
  const shares = split.split(',').map((share) => share.split('='));
  const names = [...shares.map(([deployment]) => deployment), 'shadow'];
  const instances = names.map((deployment) =>
    start(join(bins, 'dataplane-instance'), [
      ...['--name', deployment, '--listen', `unix:${folder}/${deployment}.sock`],
    ]),
  );
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(config, configuration({ folder, port, shares, names, mirror }));
  const server = start('nginx', ['-p', folder, '-c', config, '-e', 'stderr']);
  return {
    what: `nginx, ${name}`,
    at: `127.0.0.1:${port}/score`,
    runs: [],
    said: server.said,
    async stop() {
      await server.stop('SIGQUIT');
      await Promise.all(instances.map((one) => one.stop()));
    },
  };
}

function configuration({ folder, port, shares, names, mirror }) {
  const upstreams = names.map(
    (name) => `upstream ${name} { server unix:${folder}/${name}.sock; keepalive 128; }`,
  );
  // nginx requires `*` for the last share.
  const parts = shares.map(([name, percent], index) =>
    index === shares.length - 1 ? `* ${name};` : `${percent}% ${name};`,
  );
  const forward = 'proxy_http_version 1.1; proxy_set_header Connection "";';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `
daemon off;
error_log stderr;
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes auto;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join(' ')}
  keepalive_requests 1000000;
  ${upstreams.join('\n  ')}
  split_clients "$request_id" $deployment { ${parts.join(' ')} }
  map $http_authorization $is_allowed { "Bearer bench" 1; default 0; }
  server {
    listen 127.0.0.1:${port};
    location / {
      if ($is_allowed = 0) { return 401; }
      ${mirror > 0 ? 'mirror /mirror; mirror_request_body on;' : ''}
      proxy_pass http://${shares.length > 1 ? '$deployment' : shares[0][0]};
      ${forward}
    }
    location = /mirror { internal; proxy_pass http://shadow/score; ${forward} }
  }
}
`;
}
