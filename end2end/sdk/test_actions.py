"""Unmodified PyGithub against the emulated GitHub Actions, tarballs and GitHub App."""

import io
import os
import re
import tarfile
import time
import zipfile
from unittest import mock

import pytest
import requests
from github import Auth, Github, GithubException, GithubIntegration

from emulator import Emulator, WORKSPACE

WAIT_S_MAX = 120

BUILD = """
name: Test {name}
on:
  workflow_dispatch:
    inputs:
      description: {{default: By hand}}
jobs:
  image:
    uses: anet/ml-mlops-templates/.github/workflows/build.yml@v2.2.4
    with:
      environment: {environment}
      environment_config_file: infra.yml
      ml_env_name: {name}
      ml_env_description: ${{{{ inputs.description }}}}
      target_layer: litserve
      tags: "'team=sdk' 'why=a test'"
      maximise_disk_space: false
      templates_repo_ref: v2.2.4
"""
DOCKERFILE = 'FROM scratch AS litserve\nCOPY server.py /app/server.py\nCMD ["python3", "/app/server.py"]\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """An emulator of its own, because commits and runs stay."""
    running = Emulator("--state", str(tmp_path_factory.mktemp("state")), "--builder", "process")
    namespace, postfix, environment = re.fullmatch(r"mlw-(\w+)-(\d+)(\w+)", WORKSPACE).groups()
    infra = f"variables:\n  namespace: {namespace}\n  postfix: {postfix}\n  environment: {environment}\n"
    files = {"infra.yml": infra, "Dockerfile": DOCKERFILE, "server.py": "print('one')\n"}
    for name, stage in (("sdk-env", "anet-dev"), ("stuck-run-sdk", "anet-dev"), ("lost-runner-sdk", "anet-prod")):
        files[f".github/workflows/{name}.yml"] = BUILD.format(name=name, environment=stage)
    control(running, "POST", "commit", {"branch": "main", "files": files, "message": "Test"})
    # The SDK keeps the current cloud in the environment, where other tests' clients find it.
    with mock.patch.dict(os.environ):
        yield running
    running.stop()


def control(hub, method, what, body=None):
    answer = requests.request(method, f"{hub.url}/emulator/github/{what}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def repository(hub, auth=None):
    auth = auth or Auth.Token(hub.github_token)
    return Github(base_url=hub.github, auth=auth, retry=None).get_repo(hub.repository)


@pytest.fixture(scope="module")
def repo(hub):
    return repository(hub)


def until(repo, run, is_it):
    """Reads the run until it meets a condition."""
    end = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < end:
        seen = repo.get_workflow_run(run.id)
        if is_it(seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"the run is {seen.status} {seen.conclusion}")


def completed(repo, run):
    return until(repo, run, lambda seen: seen.status == "completed")


def fetch(location):
    """The URL is valid without a token."""
    answer = requests.get(location, timeout=30)
    answer.raise_for_status()
    return answer.content


def test_workflows(repo):
    workflows = {workflow.path: workflow for workflow in repo.get_workflows()}
    assert workflows[".github/workflows/build-by-hand.yml"].state == "active"
    one = repo.get_workflow("build-by-hand.yml")
    assert repo.get_workflow(one.id).name == one.name == "Build by hand"


def test_a_dispatched_build(repo, hub):
    workflow = repo.get_workflow("sdk-env.yml")
    run = workflow.create_dispatch("main", {"description": "From PyGithub"}, throw=True, return_run_details=True)
    assert run.html_url.endswith(f"/actions/runs/{run.id}")
    run = completed(repo, run)
    job = run.jobs()[0]
    log = fetch(job.logs_url()).decode()
    assert (run.conclusion, run.event, run.head_branch) == ("success", "workflow_dispatch", "main"), log
    assert run.head_sha == repo.get_branch("main").commit.sha and run.run_attempt == 1
    assert (job.name, job.conclusion, job.run_id) == ("image / build", "success", run.id)
    assert job.started_at <= job.completed_at
    assert [step.name for step in job.steps][1:5] == [
        "Checkout", "Azure login", "Build and push", "Register environment"]
    assert all(step.status == "completed" and step.number > 0 for step in job.steps)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", log) and "##[group]" in log
    environment = hub.client().environments.get("sdk-env", version="1")
    assert environment.image == f"{hub.url.removeprefix('http://')}/sdk-env"
    assert environment.description == "From PyGithub"
    assert environment.tags == {"team": "sdk", "why": "a test"}
    # The logs of the run are an archive.
    _, headers, _ = repo.requester.requestJson("GET", f"{run.url}/logs", follow_302_redirect=False)
    names = zipfile.ZipFile(io.BytesIO(fetch(headers["location"]))).namelist()
    assert "0_image _ build.txt" in names and "image _ build/4_Build and push.txt" in names


def test_runs_are_found(repo):
    workflow = repo.get_workflow("sdk-env.yml")
    run = completed(repo, workflow.create_dispatch("main", throw=True, return_run_details=True))
    assert run.id in [one.id for one in workflow.get_runs(branch="main", event="workflow_dispatch", status="success")]
    assert run.id in [one.id for one in repo.get_workflow_runs(head_sha=run.head_sha, created=">=2020-01-01")]
    assert workflow.get_runs(branch="nowhere").totalCount == 0
    assert run.actor.login == run.triggering_actor.login == "anet-bot"


def test_an_old_server(repo, hub):
    control(hub, "PUT", "settings", {"return_run_details": False})
    try:
        assert repo.get_workflow("sdk-env.yml").create_dispatch("main", throw=True) is True
    finally:
        control(hub, "PUT", "settings", {"return_run_details": True})


@pytest.mark.parametrize("workflow, inputs, words", [
    ("deploy.yml", {}, "does not have 'workflow_dispatch' trigger"),
    ("route.yml", {"shadow": "x"}, "Required input 'percentage' not provided"),
    ("sdk-env.yml", {"other": "x"}, 'Unexpected inputs provided: ["other"]'),
])
def test_refused_dispatches(repo, workflow, inputs, words):
    with pytest.raises(GithubException) as error:
        repo.get_workflow(workflow).create_dispatch("main", inputs, throw=True)
    assert error.value.status == 422 and words in error.value.data["message"]


def test_cancel(repo):
    run = repo.get_workflow("stuck-run-sdk.yml").create_dispatch("main", throw=True, return_run_details=True)
    run = until(repo, run, lambda seen: seen.status == "in_progress")
    with pytest.raises(GithubException) as error:
        run.jobs()[0].logs_url()
    assert error.value.status == 404
    assert run.cancel()
    run = completed(repo, run)
    assert run.conclusion == "cancelled" and run.jobs()[0].conclusion == "cancelled"
    assert not run.cancel()


def test_approval_and_another_attempt(repo, hub):
    run = repo.get_workflow("lost-runner-sdk.yml").create_dispatch("main", throw=True, return_run_details=True)
    run = until(repo, run, lambda seen: seen.status == "waiting")
    path = f"{run.url}/pending_deployments"
    _, pending = repo.requester.requestJsonAndCheck("GET", path)
    assert pending[0]["environment"]["name"] == "anet-prod" and not pending[0]["current_user_can_approve"]
    decision = {"environment_ids": [pending[0]["environment"]["id"]], "state": "approved", "comment": "Go"}
    with pytest.raises(GithubException) as error:
        repo.requester.requestJsonAndCheck("POST", path, input=decision)
    assert error.value.status == 422
    rights = {"permissions": {"actions": "read", "deployments": "write"}, "login": "leo-lead"}
    leo = repository(hub, Auth.Token(control(hub, "POST", "tokens", rights)["token"]))
    _, deployments = leo.requester.requestJsonAndCheck("POST", path, input=decision)
    assert deployments[0]["environment"] == "anet-prod"
    run = completed(repo, run)
    assert run.conclusion == "failure"
    assert "lost communication with the server" in fetch(run.jobs()[0].logs_url()).decode()
    assert run.rerun_failed_jobs()
    run = until(repo, run, lambda seen: seen.run_attempt == 2 and seen.status == "waiting")
    assert run.get_attempt(1).conclusion == "failure"
    assert run.cancel()
    assert completed(repo, run).rerun()
    run = until(repo, run, lambda seen: seen.run_attempt == 3 and seen.status == "waiting")
    assert run.cancel() and completed(repo, run).conclusion == "cancelled"
    assert run.jobs("all").totalCount == 3


def test_environments(repo):
    environments = {one.name: one for one in repo.get_environments()}
    rule = environments["anet-prod"].protection_rules[0]
    assert rule.type == "required_reviewers" and rule.reviewers[0].reviewer.login == "leo-lead"
    assert environments["anet-dev"].protection_rules == []


def test_tarball(repo):
    archive = tarfile.open(fileobj=io.BytesIO(fetch(repo.get_archive_link("tarball", "main"))))
    root = f"anet-ml-azua-{repo.get_branch('main').commit.sha[:7]}"
    assert archive.extractfile(f"{root}/Dockerfile").read().decode() == DOCKERFILE
    link = archive.getmember(f"{root}/mlops/nbq/Dockerfile")
    assert link.issym() and link.linkname == "../../Dockerfile"
    assert all(name == root or name.startswith(f"{root}/") for name in archive.getnames())


def test_app(repo, hub):
    facts = control(hub, "GET", "app")
    auth = Auth.AppAuth(facts["app_id"], facts["private_key"])
    integration = GithubIntegration(auth=auth, base_url=hub.github)
    installation = integration.get_repo_installation(*hub.repository.split("/"))
    assert installation.id == facts["installation_id"]
    token = integration.get_access_token(installation.id, permissions={"actions": "read"})
    assert token.token.startswith("ghs_") and token.permissions["actions"] == "read"
    with pytest.raises(GithubException) as error:
        repository(hub, Auth.Token(token.token)).get_workflow("sdk-env.yml").create_dispatch("main", throw=True)
    assert error.value.status == 403
    # The client renews such a token by itself.
    installed = repository(hub, auth.get_installation_auth(installation.id))
    run = installed.get_workflow("sdk-env.yml").create_dispatch("main", throw=True, return_run_details=True)
    assert completed(installed, run).actor.login == "understudy-console[bot]"
    assert installed.get_contents("Dockerfile").decoded_content.decode() == DOCKERFILE
    with pytest.raises(GithubException) as error:
        installed.create_file("x", "x", "x")
    assert error.value.status == 403
    with pytest.raises(GithubException) as error:
        GithubIntegration(auth=Auth.AppAuth(7, facts["private_key"]), base_url=hub.github).get_app()
    assert error.value.status == 404


def test_a_token_without_permissions(repo, hub):
    token = control(hub, "POST", "tokens", {"permissions": {"contents": "read"}})["token"]
    reader = repository(hub, Auth.Token(token))
    assert reader.get_contents("Dockerfile").size == len(DOCKERFILE)
    with pytest.raises(GithubException) as error:
        list(reader.get_workflow_runs())
    assert error.value.status == 403 and "Resource not accessible" in error.value.data["message"]
