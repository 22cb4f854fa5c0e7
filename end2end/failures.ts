// Repeats every failure in a few lines at the end of the output, where people look first.

import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter';

const LINES_MAX = 12;
const COLOURS = /\u001b\[[0-9;]*m/g;

export default class Failures implements Reporter {
  private suite?: Suite;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  onExit(): Promise<void> {
    const failed = this.suite?.allTests().filter((test) => test.outcome() === 'unexpected') ?? [];
    for (const test of failed) console.log(lastWords(test));
    return Promise.resolve();
  }

  printsToStdio(): boolean {
    return false;
  }
}

function lastWords(test: TestCase): string {
  const errors = test.results.flatMap((result) => result.errors);
  const said = errors.flatMap(({ message = '' }) => message.replace(COLOURS, '').split('\n'));
  const lines = said.filter((line) => line.trim()).slice(0, LINES_MAX);
  return [`FAILED ${test.titlePath().filter(Boolean).join(' › ')}`, ...lines].join('\n    ');
}
