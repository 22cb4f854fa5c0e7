"""skopeo, Debian's client of registries, reads and copies images of the emulator's registry."""

import json
import shutil
import subprocess

import pytest

from test_registry import Former, build, credentials, ended, scheduled

pytestmark = pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
REPOSITORY = "team/skopeo"


def skopeo(command, *words):
    return subprocess.run(["skopeo", command, *words], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def image(emulator):
    """A built image as skopeo names it, and its digest in the registry."""
    tasks = Former(emulator.url)
    found = ended(tasks, scheduled(tasks, build(tasks, f"{REPOSITORY}:v1", target="litserve")))
    assert found.status == "Succeeded", found.run_error_message
    host = emulator.url.removeprefix("http://")
    return f"docker://{host}/{REPOSITORY}", found.output_images[0].digest


def test_a_built_image_is_inspected(emulator, image):
    name, digest = image
    login = "--creds", ":".join(credentials(emulator)), "--tls-verify=false"
    said = skopeo("inspect", *login, f"{name}:v1")
    assert said.returncode == 0, said.stderr
    said = json.loads(said.stdout)
    assert (said["Digest"], said["RepoTags"]) == (digest, ["v1"])
    assert (said["Os"], said["Architecture"]) == ("linux", "amd64") and said["Layers"]
    raw = skopeo("inspect", *login, "--raw", f"{name}@{digest}")
    assert raw.returncode == 0, raw.stderr
    assert [layer["digest"] for layer in json.loads(raw.stdout)["layers"]] == said["Layers"]
    config = json.loads(skopeo("inspect", *login, "--config", f"{name}:v1").stdout)["config"]
    assert config["Cmd"] == ["python", "serve.py"] and config["WorkingDir"] == "/app"


def test_an_image_is_copied_with_all_its_blobs(emulator, image, tmp_path):
    """skopeo compares each blob with its digest."""
    name, digest = image
    login = "--src-creds", ":".join(credentials(emulator)), "--src-tls-verify=false"
    copied = skopeo("copy", "--insecure-policy", *login, f"{name}@{digest}", f"oci:{tmp_path / 'layout'}:v1")
    assert copied.returncode == 0, copied.stderr
    back = "--dest-creds", ":".join(credentials(emulator)), "--dest-tls-verify=false"
    pushed = skopeo("copy", "--insecure-policy", *back, f"oci:{tmp_path / 'layout'}:v1", f"{name}:v2")
    assert pushed.returncode == 0, pushed.stderr
    login = "--creds", ":".join(credentials(emulator)), "--tls-verify=false"
    assert json.loads(skopeo("inspect", *login, f"{name}:v2").stdout)["RepoTags"] == ["v1", "v2"]


@pytest.mark.parametrize("name, words", [(":missing", "manifest unknown"), ("-none:v1", "unknown")])
def test_what_the_registry_does_not_have_is_not_found(emulator, image, name, words):
    login = "--creds", ":".join(credentials(emulator)), "--tls-verify=false"
    said = skopeo("inspect", *login, image[0] + name)
    assert said.returncode != 0 and words in said.stderr, said.stderr


def test_nobody_reads_without_the_password(emulator, image):
    for login in (["--no-creds"], ["--creds", "crsdk0001:wrong"]):
        said = skopeo("inspect", *login, "--tls-verify=false", f"{image[0]}:v1")
        assert said.returncode != 0, said.stdout
        assert "unauthorized" in said.stderr or "authentication required" in said.stderr, said.stderr
