// Long logs of builds: the console's memory while it follows one, and how quickly the viewer shows, searches and scrolls it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from '@playwright/test';

import { azureIn, consoleOf } from './apart.mjs';
import { memory } from './machine.mjs';
import { signIn } from './session.mjs';

/** 200 MB: the lines of the long log. */
const LONG = { lines: 2_000_000, line_bytes: 100, seconds: 30 };
const SCROLLED = { lines: 100_000, line_bytes: 100 };
const MIDDLE = 1_000_000;
const ROUNDS = 5;
const WAIT_MAX_MS = 600_000;
/** A frame that takes longer is not smooth. */
const FRAME_MS = 50;
const SCROLL_PX = 60_000;
const SCROLL_PX_PER_S = 6_000;

const DOCKERFILE = 'FROM python:3.12-slim AS litserve\nCOPY notes.md ./\nCMD ["python", "-c", "print(1)"]\n';
const WORKFLOW = `on: workflow_dispatch
jobs:
  image:
    uses: anet/ml-mlops-templates/.github/workflows/build.yml@main
    with:
      environment: anet-prod
      environment_config_file: config-infra-anet-prod.yml
      ml_env_name: long-log
      ml_env_description: A build with a long log
      target_layer: litserve
      tags: "'team=bench'"
      maximise_disk_space: false
`;
const BUILD = '/releases/ml-azua/long-log.yml/image/build';

/** Rows for a log of 200 MB and one of 100,000 lines. */
export async function logs() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const azure = await azureIn(folder);
  const files = { Dockerfile: DOCKERFILE, 'notes.md': 'x\n', '.github/workflows/long-log.yml': WORKFLOW };
  await post(`${azure.url}/emulator/github/commit`, { branch: 'main', files });
  const console = await consoleOf(folder, azure.url, azure.clientId, await repositories(folder, azure));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const cookie = await signIn(console, 'dana');
    // The first build loads what all builds need.
    const scrolled = await built(azure, console, cookie, SCROLLED);
    await atEnd(browser, console, cookie, scrolled);
    const followed = await follow(azure, console, cookie);
    const { job } = followed;
    return [
      followed.row,
      await ends(browser, console, cookie, job),
      ...(await finds(browser, console, cookie, job)),
      await scrolls(browser, console, cookie, scrolled),
    ];
  } finally {
    await browser.close();
    await console.stop();
    await azure.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function repositories(folder, azure) {
  const token = join(folder, 'github-token');
  await writeFile(token, azure.token, { mode: 0o600 });
  return `repositories:
  - { kind: github, repository: anet/ml-azua, api: "${azure.url}/api/v3", token_file: ${token} }
`;
}

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
}

/** Starts a build that writes so much, and returns its job. */
async function begun(azure, { url }, cookie, chatter) {
  await post(`${azure.url}/emulator/builds/chatter`, chatter);
  const html = await (await fetch(url + BUILD, { headers: { cookie } })).text();
  const commit = /<input[^>]*name="commit"[^>]*value="([^"]+)"/.exec(html)?.[1];
  if (!commit) throw new Error(`the build cannot be started: ${/<main[^]*/.exec(html)?.[0].slice(0, 2_000)}`);
  const form = { method: 'POST', redirect: 'manual', body: new URLSearchParams({ commit }) };
  const answer = await fetch(url + BUILD, { ...form, headers: { cookie, origin: url } });
  const path = answer.headers.get('location') ?? '';
  if (!path.startsWith('/jobs/')) throw new Error(`a build is answered with ${answer.status} ${path}`);
  return { id: path.slice('/jobs/'.length), path };
}

/** What the page of a job shows. */
async function view({ url }, cookie, id) {
  const headers = { cookie, origin: url, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/read-job`, { method: 'POST', headers, body: JSON.stringify({ id }) });
  if (!answer.ok) throw new Error(`a job is answered with ${answer.status}`);
  return answer.json();
}

/** Waits until a job has succeeded. Returns its number of lines. */
async function ended(console, cookie, id, meanwhile = async () => {}) {
  const end = Date.now() + WAIT_MAX_MS;
  for (;;) {
    const { job, log } = await view(console, cookie, id);
    await meanwhile();
    if (job.ended !== null) {
      if (job.progress !== 'succeeded') throw new Error(`a build ended: ${JSON.stringify(job.progress)}`);
      return log;
    }
    if (Date.now() > end) throw new Error('a build does not end');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function built(azure, console, cookie, chatter) {
  const job = await begun(azure, console, cookie, chatter);
  return { ...job, ...(await ended(console, cookie, job.id)) };
}

/** The console's memory while it follows the long log, and somebody watches it. */
async function follow(azure, console, cookie) {
  const before = (await memory(console.pid)).own;
  const began = Date.now();
  const job = await begun(azure, console, cookie, LONG);
  const watched = watch(console, cookie, job.id);
  let most = before;
  const size = await ended(console, cookie, job.id, async () => {
    most = Math.max(most, (await memory(console.pid)).own);
  });
  const seconds = (Date.now() - began) / 1_000;
  const bytes = watched.stop();
  const after = (await memory(console.pid)).own;
  const megabytes = (size.bytes / 1_000_000).toFixed(0);
  const note =
    `${before.toFixed(0)} MB resident before, at most ${most.toFixed(0)}, ${after.toFixed(0)} after: `
    + `grew by ${(most - before).toFixed(0)} MB (goal: less than 20), in ${seconds.toFixed(0)} s; `
    + `a page that watches got ${(bytes / 1_000_000).toFixed(0)} MB`;
  return { row: { what: `follow a log of ${megabytes} MB`, note }, job: { ...job, ...size } };
}

/** Reads the lines of a log as a page does that watches it. */
function watch({ url }, cookie, id) {
  let bytes = 0;
  const headers = { cookie, accept: 'text/event-stream' };
  const request = get(`${url}/events/jobs/${id}/log`, { headers, agent: false }, (answer) => {
    answer.on('data', (chunk) => (bytes += chunk.length));
    answer.on('error', () => {});
  });
  request.on('error', () => {});
  return {
    stop() {
      request.destroy();
      return bytes;
    },
  };
}

async function pageOf(browser, { url }, cookie) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const cookies = cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
  await context.addCookies(cookies);
  return { context, page: await context.newPage() };
}

/** Waits until a line is on the screen of the viewer. */
function shows(page, line) {
  const isShown = (number) => {
    const scroller = document.querySelector('.log-frame .log-lines');
    const row = document.getElementById(`L${number}`);
    if (!scroller || !row || !scroller.contains(row) || row.dataset.waiting) return false;
    const [area, place] = [scroller.getBoundingClientRect(), row.getBoundingClientRect()];
    return place.top >= area.top - 1 && place.bottom <= area.bottom + 1;
  };
  return page.waitForFunction(isShown, line, { polling: 'raf', timeout: 60_000 });
}

/** Milliseconds from the navigation until the viewer shows the last line. */
async function atEnd(browser, console, cookie, job) {
  const { context, page } = await pageOf(browser, console, cookie);
  const began = performance.now();
  await page.goto(console.url + job.path, { waitUntil: 'commit' });
  await shows(page, job.lines);
  const took = performance.now() - began;
  await context.close();
  return took;
}

function figures(times) {
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)], p99: times.at(-1) };
}

async function ends(browser, console, cookie, job) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await atEnd(browser, console, cookie, job));
  const note = `from the navigation, with an empty cache; the slowest of ${ROUNDS} as p99; goal: 1,000 ms`;
  return { what: 'viewer shows the last line of that log', ...figures(times), note };
}

/** Jumps into the middle, and searches. */
async function finds(browser, console, cookie, job) {
  const { context, page } = await pageOf(browser, console, cookie);
  await page.goto(console.url + job.path);
  await shows(page, job.lines);
  const jumps = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const line = MIDDLE + round * 10_000;
    const began = performance.now();
    await page.evaluate((number) => (location.hash = `#L${number}`), line);
    await shows(page, line);
    jumps.push(performance.now() - began);
  }
  const searches = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const line = LONG.lines - round;
    const field = page.getByRole('searchbox', { name: 'Find in the log' });
    await field.fill(`Line ${line} of`);
    const began = performance.now();
    await field.press('Enter');
    await page.locator('.log-line[data-current="true"]', { hasText: `Line ${line} of` }).waitFor();
    searches.push(performance.now() - began);
  }
  await context.close();
  const slowest = `the slowest of ${ROUNDS} as p99`;
  return [
    { what: `viewer jumps to line ${MIDDLE.toLocaleString('en')} of that log`, ...figures(jumps), note: slowest },
    { what: 'viewer finds a text at the end of that log', ...figures(searches), note: slowest },
  ];
}

/** Scrolls as with a wheel, and measures the frames. */
async function scrolls(browser, console, cookie, job) {
  const { context, page } = await pageOf(browser, console, cookie);
  await page.goto(console.url + job.path);
  await shows(page, job.lines);
  await page.evaluate(() => {
    globalThis.frames = [];
    let last = performance.now();
    const frame = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const lines = page.locator('.log-frame .log-lines');
  // The gesture must begin on the screen.
  await lines.evaluate((lines) => lines.scrollIntoView({ block: 'center' }));
  const area = await lines.boundingBox();
  const session = await context.newCDPSession(page);
  await session.send('Input.synthesizeScrollGesture', {
    x: area.x + area.width / 2,
    y: area.y + area.height / 2,
    yDistance: SCROLL_PX,
    speed: SCROLL_PX_PER_S,
    gestureSourceType: 'mouse',
  });
  const frames = await page.evaluate(() => globalThis.frames.slice(1));
  await context.close();
  const slow = frames.filter((ms) => ms > FRAME_MS).length;
  const note =
    `${slow} of ${frames.length} frames took more than ${FRAME_MS} ms, the longest ${Math.max(...frames).toFixed(0)} ms; `
    + `${SCROLL_PX_PER_S.toLocaleString('en')} pixels/s`;
  const { p50 } = figures([...frames]);
  const p99 = frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.99)];
  return { what: `scroll a log of ${job.lines.toLocaleString('en')} lines, a frame`, p50, p99, note };
}
