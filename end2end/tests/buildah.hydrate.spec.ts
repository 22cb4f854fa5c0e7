import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { type Emulator, type File, expect, test } from '../fixtures';
import { answerOf, built, deployed } from '../steps';

// The same story as build.hydrate.spec.ts, with real container images.
test.use({ world: 'buildah', flags: ['--builder', 'buildah'] });
test.describe.configure({ mode: 'serial', timeout: 300_000 });

const BUSYBOX = '/bin/busybox';

/** Why this machine cannot build images without a network; nothing if it can. */
function missing(): string | undefined {
  if (!existsSync(BUSYBOX)) return `${BUSYBOX} is not installed (Debian's busybox-static)`;
  const trial = spawnSync('buildah', ['--storage-driver', 'vfs', 'info'], { timeout: 30_000 });
  return trial.status === 0 ? undefined : 'buildah is not installed, or cannot run as this user';
}

/** Nothing is pulled: the root file system consists of one static program and its links. */
const DOCKERFILE = `FROM scratch AS base
COPY --chmod=755 busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base AS training
FROM base AS litserve
COPY --chmod=755 serve.sh /serve.sh
CMD exec nc -ll -p $PORT -e /serve.sh
`;

/** Answers one request with the same words, whatever it is. */
function program(answer: string): string {
  return `#!/bin/sh
length=0
while IFS= read -r line; do
  line=\${line%?}
  case "$line" in
    "") break ;;
    [Cc]ontent-[Ll]ength:*) length=\${line#*: } ;;
  esac
done
head -c "$length" > /dev/null
body='{"answer": "${answer}"}'
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' \
  "\${#body}" "$body"
`;
}

async function answering(emulator: Emulator, answer: string): Promise<string> {
  const busybox: File = { base64: readFileSync(BUSYBOX).toString('base64') };
  const files = { Dockerfile: DOCKERFILE, busybox, 'serve.sh': program(answer) };
  const message = `Answer ${answer}`;
  await emulator.commit({ branch: 'main', files, message });
  return message;
}

test.beforeEach(async ({ signedInAs }) => {
  const why = missing();
  test.skip(why !== undefined, why);
  await signedInAs('DataScientist');
});

for (const answer of ['one', 'two']) {
  test(`a container built from the commit that answers ${answer} can be deployed`, async ({ page, emulator }) => {
    await built(page, await answering(emulator, answer));
    await expect(page.getByRole('region', { name: 'Log', exact: true })).toContainText('STEP 1/');
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('sha256:');
    const name = await deployed(page);
    expect(await answerOf(page, name)).toContain(answer);
  });
}
