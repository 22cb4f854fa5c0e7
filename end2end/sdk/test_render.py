"""`understudy render` against the official SDK: both send the same body for a file, or both reject the file."""

import json
import subprocess

import pytest

import oracle
import render_cases
import render_random
from emulator import binary


@pytest.fixture(scope="module")
def sdk():
    oracle_of_sdk = oracle.Oracle()
    yield oracle_of_sdk
    oracle_of_sdk.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render").resolve()
    for name, text in render_cases.FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "case.yml").touch()
    return folder


def render(kind, path, overrides):
    command = [*binary(), "render", kind, str(path), *oracle.SCOPE]
    for key, value in overrides:
        command += ["--set", f"{key}={value}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def agree(sdk, folder, kind, text, overrides):
    path = folder / "case.yml"
    path.write_bytes(text.encode())
    ran = render(kind, path, overrides)
    try:
        sent = sdk.send(kind, str(path), [{key: value} for key, value in overrides])
    except oracle.Refused as refused:
        assert ran.returncode == 1, f"the SDK rejects: {refused}\nwe render: {ran.stdout}"
        assert ran.stdout == ""
        for line in ran.stderr.strip().splitlines():
            at = line.removeprefix(str(folder)).split(":")
            assert len(at) >= 4 and any(part.isdigit() for part in at[1:4]), ran.stderr
        return
    assert ran.returncode == 0, f"we reject: {ran.stderr}\nthe SDK sends: {sent.body}"
    ours = json.loads(ran.stdout)
    assert ours["kind"] == kind and ours["name"] == sent.name
    assert ours.get("endpoint", sent.endpoint) == sent.endpoint
    assert ours["body"] == oracle.named_by(sent, ours)
    for asset in ours["assets"]:
        assert json.dumps(asset["ref"]) in json.dumps(ours["body"])
        if asset["action"] != "resolve":
            body, conda, _ = oracle.registered_by(sent, asset)
            assert (asset["body"], asset.get("conda")) == (body, conda)


@pytest.mark.parametrize("text, overrides", render_cases.deployments())
def test_deployments(sdk, folder, text, overrides):
    agree(sdk, folder, "deployment", text, overrides)


@pytest.mark.parametrize("text, overrides", render_cases.endpoints())
def test_endpoints(sdk, folder, text, overrides):
    agree(sdk, folder, "endpoint", text, overrides)


@pytest.mark.parametrize("kind", ["deployment", "endpoint"])
@pytest.mark.parametrize("seed", range(60))
def test_random_files(sdk, folder, kind, seed):
    agree(sdk, folder, kind, render_random.case(kind, seed), [])


def test_a_duplicate_key_is_rejected_with_both_lines(folder):
    """Stricter than the SDK on purpose: the SDK silently uses the last value."""
    path = folder / "case.yml"
    path.write_text(render_cases.MANAGED + "name: green\n")
    ran = render("deployment", path, [])
    assert ran.returncode == 1 and ran.stdout == ""
    assert f"{path}:5:1: name: the key occurs twice: first in line 1, again in line 5" in ran.stderr


def test_options_override_the_file(folder):
    path = folder / "case.yml"
    path.write_text("instance_type: a\n")
    command = [*binary(), "render", "deployment", str(path), *oracle.SCOPE, "--name", "Green", "--endpoint", "nbq-ep"]
    ours = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (ours["name"], ours["endpoint"], ours["assets"]) == ("green", "nbq-ep", [])
