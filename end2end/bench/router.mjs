// The emulator's router beside nginx, in front of the same model server: plain, split and mirrored.
// Rounds are interleaved, so that whatever else the machine does meets both.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { understudy } from '../launch.mjs';
import { answers, freePort, medians, start, wrk } from './machine.mjs';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;

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

/** Rows for the table. */
export async function router() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const script = join(folder, 'score.lua');
  await writeFile(script, `wrk.method = "POST"\nwrk.body = [[${BODY}]]\n`);
  const rows = [];
  try {
    for (const one of CASES) rows.push(...(await compare(one, folder, script)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

async function compare({ name, split, mirror }, folder, script) {
  const bins = dirname(understudy);
  const port = await freePort();
  const ours = start(join(bins, 'dataplane-bench-router'), [
    ...['--listen', `127.0.0.1:${port}`, '--deployments', split, '--mirror', String(mirror)],
  ]);
  const theirs = await nginx(split, mirror, folder, join(bins, 'dataplane-instance'));
  const contenders = [
    { what: `router, ${name}`, url: `http://127.0.0.1:${port}/score`, runs: [] },
    { what: `nginx, ${name}`, url: `${theirs.url}/score`, runs: [] },
  ];
  try {
    for (const { url } of contenders) {
      await answers(url, { method: 'POST', headers: HEADERS, body: BODY });
      await wrk(url, { seconds: 1, connections: CONNECTIONS, script, headers: HEADERS });
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { url, runs } of contenders) {
        runs.push(await wrk(url, { seconds: SECONDS, connections: CONNECTIONS, script, headers: HEADERS }));
      }
    }
  } catch (error) {
    throw new Error(`${error.message}\n${ours.said()}\n${theirs.said()}`);
  } finally {
    await ours.stop();
    await theirs.stop();
  }
  return contenders.map(({ what, runs }) => ({ what, ...medians(runs), note: `median of ${ROUNDS}` }));
}

/** nginx with as many workers as there are processors, before instances of its own. */
async function nginx(split, mirror, folder, instance) {
  const shares = split.split(',').map((share) => share.split('='));
  const names = [...shares.map(([name]) => name), 'shadow'];
  const instances = names.map((name) =>
    start(instance, ['--name', name, '--listen', `unix:${folder}/${name}.sock`]),
  );
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(config, configuration({ folder, port, shares, names, mirror }));
  const server = start('nginx', ['-p', folder, '-c', config, '-e', 'stderr']);
  return {
    url: `http://127.0.0.1:${port}`,
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
  // The last share takes the rest, as nginx asks for.
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
