// Helpers of all measurements: child processes, wrk, medians, memory.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

import { understudy } from '../launch.mjs';

const started = new Set();
process.on('exit', () => started.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Starts a process that ends with the benchmark. Its standard input stays open. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let said = '';
  const listen = (chunk) => (said = (said + chunk).slice(-20_000));
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  started.add(child);
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => listen(error.message));
  gone.then(() => started.delete(child));
  return {
    pid: child.pid,
    said: () => said,
    gone,
    async stop(signal = 'SIGINT') {
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      child.stdin.end();
      child.kill(signal);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Runs a process to completion and returns its output. */
export async function run(program, args, options = {}) {
  const process = start(program, args, options);
  const code = await process.gone;
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${process.said()}`);
  return process.said();
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until a request returns 200. */
export async function answers(url, init = {}, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const response = await fetch(url, init).catch((error) => ({ ok: false, status: error.message }));
    if (response.ok) return response.text();
    if (Date.now() > end) throw new Error(`${url} answers ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One wrk run. Fails on any unsuccessful response, because errors are fast and would skew the result. */
export async function wrk(url, { seconds, connections, threads = 1, script, headers = {} }) {
  const args = ['--latency', `-t${threads}`, `-c${connections}`, `-d${seconds}s`];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  if (script) args.push('-s', script);
  const printed = await run('wrk', [...args, url]);
  const failures = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(printed);
  if (failures) throw new Error(`${url} did not always succeed:\n${printed}`);
  const latency = (percentile) => milliseconds(new RegExp(`^ +${percentile}% +(\\S+)`, 'm').exec(printed)[1]);
  return {
    rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(printed)[1]),
    p50: latency(50),
    p99: latency(99),
  };
}

/** One run at a fixed rate. Fails on any unsuccessful response. */
export async function load(target, { rate, seconds, connections, body }) {
  const program = join(dirname(understudy), 'dataplane-bench-load');
  const options = Object.entries({ rate, seconds, connections, body });
  const args = options.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { failed, ...figures } = JSON.parse(await run(program, [...args, target]));
  if (failed > 0) throw new Error(`${target} failed ${failed} times`);
  return figures;
}

function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit];
}

/** The median of each figure over several runs. */
export function medians(runs) {
  const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  const names = Object.keys(runs[0]);
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name]))]));
}

/** The current memory of a process, without and with its children, in MB: {own, all}. */
export async function memory(pid) {
  const own = await resident(pid);
  const tasks = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  let all = own;
  for (const child of tasks.split(' ').filter(Boolean)) all += (await memory(child)).all;
  return { own, all };
}

async function resident(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
