"""Starts `understudy serve` in front of an emulator, signs in, and sends the console's own forms."""

import html
import html.parser
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse

import requests

import emulator

TENANT = "00000000-0000-4000-8000-0000000000aa"
START_S_MAX = 60
RUN_S_MAX = 60
# Console and emulator are processes whose time is real, and they announce nothing to a client: it has to ask again.
POLL_S = 0.2


def site():
    """The folder of the release bundle: UNDERSTUDY_SITE, or the one that `make build` fills."""
    target = os.environ.get("CARGO_TARGET_DIR") or pathlib.Path.home() / ".cache/understudy/target"
    return os.environ.get("UNDERSTUDY_SITE") or str(pathlib.Path(target) / "site")


def words(page):
    """A page's text."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


class Forms(html.parser.HTMLParser):
    """Collects the forms of a page that send POST requests, as pairs of action and fields."""

    def __init__(self):
        super().__init__()
        self.found, self.is_open, self.text = [], False, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.is_open = attrs.get("method") == "post"
            if self.is_open:
                self.found.append((attrs.get("action"), {}))
        if not self.is_open or "name" not in attrs:
            return
        fields = self.found[-1][1]
        if tag == "textarea":
            self.text = attrs["name"]
            fields[self.text] = ""
        elif tag == "input" and (attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs):
            fields[attrs["name"]] = attrs.get("value", "")

    def handle_data(self, data):
        if self.text:
            self.found[-1][1][self.text] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.text = None
        elif tag == "form":
            self.is_open = False


class Console:
    """A running console with one stage, and one signed-in person.

    `azure` is the URL of Azure, `state` the emulator's folder, and `repository` an item of `repositories` as YAML."""

    def __init__(self, folder, azure, state, client_id, stage, repository):
        self.stage = stage
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        secret = folder / "secret"
        entra = (state / "entra.json").read_text()
        secret.write_text(re.search(r'"client_?secret"\s*:\s*"([^"]+)"', entra, re.IGNORECASE)[1])
        config = folder / "understudy.yml"
        config.write_text(
            f"public_url: {self.url}\n"
            f"cloud: {{ loopback: {azure} }}\n"
            "poll_interval_s: 1\n"
            f"credential: {{ kind: client_secret, tenant_id: {TENANT}, client_id: {client_id},"
            f" secret_file: {secret} }}\n"
            f"sign_in: {{ tenant_id: {TENANT}, client_id: {client_id}, client_secret_file: {secret} }}\n"
            f"stages:\n  - {{ name: {stage}, subscription_id: {emulator.SUBSCRIPTION},"
            f" resource_group: {emulator.RESOURCE_GROUP}, workspace: {emulator.WORKSPACE} }}\n"
            f"repositories:\n  - {repository}\n"
        )
        self.log = folder / "console.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                emulator.binary() + ["serve", "--config", str(config), "--listen", address,
                                     "--data", str(folder / "data"), "--site", site()],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )
        self.session = requests.Session()
        self.session.headers["accept"] = "text/html"
        try:
            self._wait_for_answer()
            self._sign_in("dana")
        except BaseException:
            self.stop()
            raise

    def _wait_for_answer(self):
        until = time.monotonic() + START_S_MAX
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/healthz", timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(POLL_S)
        raise RuntimeError(f"the console did not start:\n{self.log.read_text()}")

    def _sign_in(self, account):
        picker = self.session.get(f"{self.url}/sign-in/start", timeout=30)
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', picker.text)
        fields = {html.unescape(name): html.unescape(value) for name, value in fields}
        page = self.session.post(picker.url, data={**fields, "account": account}, timeout=30)
        if not page.url.startswith(self.url) or "/sign-in" in page.url:
            raise RuntimeError(f"signing in ended at {page.url}: {words(page.text)}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def get(self, path, **query):
        """The text of a page."""
        page = self.session.get(self.url + path, params=query, timeout=60)
        assert page.ok, f"{page.url}: {page.status_code}: {words(page.text)}"
        return page.text

    def send(self, path, fields, files=None):
        """Sends a form as the console's pages do."""
        headers = {"origin": self.url, "sec-fetch-site": "same-origin"}
        if files is None:
            # An empty form has this type, too.
            headers["content-type"] = "application/x-www-form-urlencoded"
        return self.session.post(
            self.url + path, data=fields, files=files, headers=headers, allow_redirects=False, timeout=60
        )

    def post(self, path, fields, files=None):
        """Sends a form, and returns the path of the page that the console redirects to."""
        page = self.send(path, fields, files)
        assert page.status_code == 303, f"{path}: {page.status_code}: {words(page.text)}"
        return urllib.parse.urlsplit(page.headers["location"]).path

    def form(self, page, **query):
        """The action of a page's form, and what it sends if nobody changes it. Every page has the form that signs out, too."""
        forms = Forms()
        forms.feed(self.get(page, **query))
        action, fields = next((one for one in forms.found if one[0] != "/sign-out"), (None, None))
        assert fields, f"{page} has no form: {words(self.get(page, **query))}"
        return action or page, fields

    def eventually(self, what, look):
        """Returns the first result of `look` that is not None or False."""
        until = time.monotonic() + RUN_S_MAX
        while time.monotonic() < until:
            found = look()
            if found not in (None, False):
                return found
            time.sleep(POLL_S)
        raise AssertionError(f"{what}: not within {RUN_S_MAX} s:\n{self.log.read_text()[-2000:]}")

    def finished(self, run):
        """Waits until every step of a run is done and the run has ended, so that the next one may start."""

        def look():
            page = self.get(run)
            steps = page.split('class="run-step"')[1:]
            states = [re.search(r'class="badge"[^>]*>(.*?)</', step, re.DOTALL) for step in steps]
            states = [words(state[1]) if state else words(step)[:200] for state, step in zip(states, steps)]
            assert "Failed" not in states, words(page)
            head = words(page.split('class="head"')[1].split("</header>")[0])
            return bool(states) and set(states) == {"Done"} and ", took " in head

        self.eventually(f"{run} is done", look)

    def run(self, page):
        """Waits for the run that a form started; `page` is where the console redirected to."""
        runs = re.findall(r'href="(/runs/[^"?#]+)"', self.get(page))
        # Endpoints list their runs, newest first.
        self.finished(page if page.startswith("/runs/") else runs[0])

    def release(self, job):
        """Carries out a release as its plan stands now."""
        page = f"/releases/team/{job}/plan"
        # Lists the files again: the folder may have changed.
        self.get("/releases", again="1")
        plan = re.search(r'<input[^>]*name="plan"[^>]*value="([^"]+)"', self.get(page))
        assert plan, words(self.get(page))
        self.run(self.post(page, {"plan": plan[1]}))

    def endpoint(self, name):
        """The path of an endpoint's page."""
        return f"/stages/{self.stage}/endpoints/{name}"
