// Signs in through the emulator with plain HTTP requests, like a browser without scripts.

const REDIRECTS_MAX = 10;

/** The `cookie` header of a signed-in person; `account` is one of the emulator's. */
export async function signIn(console, account = 'dana') {
  const jar = new Map();
  const picker = await follow(jar, `${console.url}/sign-in/start`);
  if (!picker.url.startsWith(console.emulator)) {
    throw new Error(`signing in ends at ${picker.url} and not at the account picker`);
  }
  const form = new URLSearchParams({ ...hiddenFields(picker.html), account });
  const page = await follow(jar, picker.url, { method: 'POST', body: form });
  if (page.url.includes('/sign-in')) throw new Error(`signing in ends at ${page.url}`);
  return cookies(jar, console.url);
}

async function follow(jar, url, init = {}) {
  for (let hop = 0; hop < REDIRECTS_MAX; hop += 1) {
    const headers = { accept: 'text/html', cookie: cookies(jar, url) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(jar, url, line);
    const location = response.headers.get('location');
    if (!location) {
      if (!response.ok) throw new Error(`${url} answers ${response.status}`);
      return { url, html: await response.text() };
    }
    url = new URL(location, url).href;
    init = {};
  }
  throw new Error(`${url}: redirected too often`);
}

// Cookies ignore ports, but the console and the emulator must not receive each other's cookies.
function keep(jar, url, line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const name = `${new URL(url).origin} ${pair.slice(0, pair.indexOf('='))}`;
  if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(name);
  else jar.set(name, pair);
}

function cookies(jar, url) {
  const origin = `${new URL(url).origin} `;
  return [...jar].filter(([name]) => name.startsWith(origin)).map(([, pair]) => pair).join('; ');
}

function hiddenFields(html) {
  const fields = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [plain(name), plain(value)]));
}

function plain(html) {
  const entities = { quot: '"', lt: '<', gt: '>', amp: '&' };
  return html.replace(/&(quot|lt|gt|amp);/g, (_, name) => entities[name]);
}
