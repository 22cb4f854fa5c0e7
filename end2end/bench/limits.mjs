// Measures the console's limits with idle connections, one person's live pages and anonymous requests, all on loopback
// and bounded in number and time: the response times for other people, and the memory.

import { Agent, get } from 'node:http';
import { connect } from 'node:net';

import { asked, megabytes, row, storeBytes } from './others.mjs';
import { signIn } from './session.mjs';

const IDLE = 1_000;
const STREAMS = 4_000;
const ANONYMOUS = 100_000;
const AT_ONCE = 64;
const TIME_MAX_MS = 180_000;

/** Rows for the table, measured on a freshly started console. */
export async function limits(served) {
  const [dana, vera] = [await signIn(served, 'dana'), await signIn(served, 'vera')];
  const rows = [await row('others, undisturbed', served, vera)];
  const idle = await Promise.all(Array.from({ length: IDLE }, () => opened(served)));
  rows.push(await row(`others, beside ${IDLE} idle connections`, served, vera));
  idle.forEach((socket) => socket.destroy());

  const streams = await streamsOf(served, dana);
  const told = `${streams.open.length} open, ${streams.refused} refused with 429`;
  rows.push(await row(`others, beside ${STREAMS} live pages of one person (${told})`, served, vera));
  streams.open.forEach((request) => request.destroy());

  const before = await storeBytes(served);
  const started = Date.now();
  const flood = anonymous(served);
  rows.push(await row('others, during anonymous requests', served, vera));
  const answered = await flood;
  const seconds = (Date.now() - started) / 1_000;
  const grown = (await storeBytes(served)) - before;
  rows.push({
    what: `${answered} anonymous requests (sign-in page, starts, callbacks)`,
    rps: answered / seconds,
    note: `${await megabytes(served)} MB; store grew by ${(grown / 1_024).toFixed(0)} KiB`,
  });
  return rows;
}

function opened(served) {
  const { hostname, port } = new URL(served.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    // The server closing the connection is what this measures.
    socket.on('error', () => resolve(socket));
  });
}

async function streamsOf(served, cookie) {
  const open = [];
  let refused = 0;
  const one = () =>
    new Promise((resolve) => {
      const headers = { cookie, accept: 'text/event-stream' };
      const request = get(`${served.url}/events/overview`, { headers, agent: false }, (answer) => {
        answer.resume();
        answer.on('error', () => {});
        if (answer.statusCode === 200) open.push(request);
        else refused += 1;
        resolve();
      });
      request.on('error', resolve);
    });
  for (let n = 0; n < STREAMS; n += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, STREAMS - n) }, one));
  }
  return { open, refused };
}

async function anonymous(served) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const end = Date.now() + TIME_MAX_MS;
  const paths = ['/sign-in', '/sign-in/start?to=/history', '/sign-in/callback?code=x&state=x'];
  let next = 0;
  let answered = 0;
  const worker = async () => {
    while (next < ANONYMOUS && Date.now() < end) {
      const path = paths[next % paths.length];
      next += 1;
      const status = await asked(`${served.url}${path}`, { accept: 'text/html' }, agent);
      if (status >= 500) throw new Error(`${path} was answered with ${status}`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
  return answered;
}
