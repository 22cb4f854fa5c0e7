"""The console builds a commit with buildah, and a deployment on the image answers as that commit says."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
from unittest import mock

import pytest
import requests
from azure.ai.ml.entities import Environment, ManagedOnlineEndpoint

from console import Console, words
from emulator import Emulator

BUSYBOX = pathlib.Path("/bin/busybox")
STAGE, IMAGE, ENDPOINT = "sdk-dev", "scratch-env", "built-ep"
INFRA = "variables:\n  namespace: sdk\n  postfix: '0001'\n  environment: dev\n"
BUILD = "/releases/team/image.yml/image/build"
WORKFLOW = f"""
on:
  workflow_dispatch:
jobs:
  image:
    uses: anet/ml-mlops-templates/.github/workflows/build.yml@v2.2.4
    with:
      environment: {STAGE}
      environment_config_file: infra.yml
      ml_env_name: {IMAGE}
      ml_env_description: A web server of busybox
      target_layer: serve
      tags: "'team=sdk'"
      maximise_disk_space: false
      templates_repo_ref: v2.2.4
"""
# Nothing is pulled: the root file system consists of one static program and its links.
DOCKERFILE = """\
FROM scratch AS root
COPY --chmod=755 busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM root AS serve
COPY web/ /web/
RUN chmod +x /web/cgi-bin/score && echo ready > /web/ready && echo alive > /web/index.html
EXPOSE 5001
CMD exec httpd -f -p 127.0.0.1:$PORT -h /web
"""
SCORE = """\
#!/bin/sh
body=$(cat)
printf 'Content-Type: application/json\\r\\n\\r\\n{{"says": "{says}", "read": %s, "usr": "%s"}}' "$body" "$(ls /usr 2> /dev/null)"
"""


def buildah_is_missing():
    """Why the tests cannot run, or an empty text."""
    if shutil.which("buildah") is None:
        return "buildah is not installed"
    if not BUSYBOX.exists():
        return f"{BUSYBOX} is not installed (Debian's busybox-static)"
    trial = subprocess.run(["buildah", "--storage-driver", "vfs", "info"], capture_output=True, timeout=60)
    return "" if trial.returncode == 0 else "buildah cannot run as this user"


pytestmark = pytest.mark.skipif(bool(buildah_is_missing()), reason=buildah_is_missing() or "-")


@pytest.fixture(scope="module")
def azure(tmp_path_factory):
    state = tmp_path_factory.mktemp("azure")
    running = Emulator("--state", str(state), "--builder", "buildah")
    running.state = state
    # The SDK keeps the current cloud in the environment, where other tests' clients find it.
    with mock.patch.dict(os.environ):
        yield running
    running.stop()


@pytest.fixture(scope="module")
def console(azure, tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    (folder / "token").write_text(azure.github_token)
    repository = (
        f"{{ kind: github, repository: {azure.repository}, api: {azure.github},"
        f" token_file: {folder / 'token'}, name: team }}"
    )
    first = commit(azure, "one", {
        ".github/workflows/image.yml": WORKFLOW, "infra.yml": INFRA, "Dockerfile": DOCKERFILE,
        "busybox": {"base64": base64.b64encode(BUSYBOX.read_bytes()).decode()}, ".dockerignore": ".github\n",
    })
    running = Console(folder, azure.url, azure.state, azure.client_id, STAGE, repository)
    running.commit = first
    yield running
    running.stop()


def commit(azure, says, files=()):
    files = {**dict(files), "web/cgi-bin/score": SCORE.format(says=says)}
    answer = requests.post(
        f"{azure.url}/emulator/github/commit", timeout=30,
        json={"branch": "main", "files": files, "message": f"Say {says}"},
    )
    assert answer.ok, answer.text
    return answer.json()["sha"]


def ended(console):
    """Builds the newest commit in the console; returns the job's path, and its page once it has ended."""
    # Reads the branch again.
    console.get("/releases", again="1")
    path, fields = console.form(BUILD)
    job = console.post(path, fields)

    def look():
        page = words(console.get(job))
        return re.search(r"Succeeded|Failed|Cancelled", page) and page

    return job, console.eventually(f"{job} has ended", look)


def built(console):
    """Builds the newest commit; returns the log."""
    job, page = ended(console)
    log = console.get(job + "/log")
    assert "Succeeded" in page, f"{page}\n{log}"
    return log


def deploy(console, name, version):
    """Creates a deployment on a version of the environment, with the page that the build links to."""
    path, fields = console.form(f"{console.endpoint(ENDPOINT)}/new-deployment", environment=f"{IMAGE}:{version}")
    text, renamed = re.subn(r"(?m)^name: .*$", f"name: {name}", fields["yaml"])
    assert renamed == 1 and f"environment: azureml:{IMAGE}:{version}\n" in text, text
    # This server has no model.
    text = re.sub(r"(?m)^model: .*\n", "", text)
    console.run(console.post(path, {}, {"yaml": (None, text)}))


def test_a_build_on_scratch_is_deployed_and_a_changed_line_changes_the_answers(azure, console, tmp_path):
    ml = azure.client()
    # The team's own first version: the console keeps its routes.
    route = {"port": 5001, "path": "/"}
    ml.environments.create_or_update(Environment(
        name=IMAGE, version="1", image="example.azurecr.io/scratch-env:0",
        inference_config={
            "liveness_route": route, "readiness_route": {**route, "path": "/ready"},
            "scoring_route": {**route, "path": "/cgi-bin/score"},
        },
    ))
    ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=ENDPOINT)).result()
    (tmp_path / "request.json").write_text('{"question": 7}')

    def answer(deployment):
        said = ml.online_endpoints.invoke(ENDPOINT, deployment_name=deployment, request_file=tmp_path / "request.json")
        return json.loads(said)

    log = built(console)
    assert "STEP 2/3: COPY --chmod=755 busybox /bin/busybox" in log and "was successful after" in log, log
    made = ml.environments.get(IMAGE, version="2")
    assert re.search(rf"/{IMAGE}@sha256:[0-9a-f]{{64}}$", made.image), made.image
    assert made.inference_config.scoring_route.path == "/cgi-bin/score"
    assert (made.tags["commit"], made.tags["team"]) == (console.commit, "sdk"), made.tags
    assert made.description == "A web server of busybox"
    deploy(console, "blue", 2)
    # The image has its own root: nothing of this machine is in it.
    assert answer("blue") == {"says": "one", "read": {"question": 7}, "usr": ""}

    second = commit(azure, "two")
    built(console)
    assert answer("blue")["says"] == "one", "a build alone changes nothing"
    deploy(console, "green", 3)
    assert (answer("green")["says"], answer("blue")["says"]) == ("two", "one")
    again = ml.environments.get(IMAGE, version="3")
    assert again.tags["commit"] == second and again.image != made.image


def test_a_command_that_fails_is_explained(azure, console):
    commit(azure, "one", {"Dockerfile": DOCKERFILE.replace("chmod +x", "chmod +x /web/missing")})
    job, page = ended(console)
    assert "Failed" in page and "chmod: /web/missing: No such file or directory" in page, page
    assert "A command of the build failed" in page


def test_a_layer_that_does_not_exist_is_named_before_the_build(azure, console):
    commit(azure, "one", {"Dockerfile": DOCKERFILE.replace("AS serve", "AS other")})
    console.get("/releases", again="1")
    page = words(console.get(BUILD))
    assert "serve" in page and "other" in page and "root" in page, page
