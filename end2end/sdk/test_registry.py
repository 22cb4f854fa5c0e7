"""Unmodified clients of Azure Container Registry: both packages with builds, azure-storage-blob for logs, and oras for images."""

import io
import json
import tarfile
import time
import types

import oras.client
import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient
from azure.storage.blob import BlobClient

from emulator import RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE, Credential, PlainBearer

REGISTRY = "crsdk0001"
AT = (RESOURCE_GROUP, REGISTRY)
RUN_S_MAX = 120
# The emulator is a process whose time is real, and it announces nothing to a client: it has to ask again.
POLL_S = 0.1
DOCKERFILE = """\
FROM python:3 AS litserve
WORKDIR /app
COPY serve.py .
CMD ["python", "serve.py"]
FROM litserve AS training
"""


class Former:
    """azure-mgmt-containerregistry, which treats builds as long-running operations."""

    def __init__(self, url):
        client = ContainerRegistryManagementClient(
            Credential(), SUBSCRIPTION, base_url=url, api_version="2019-06-01-preview",
            authentication_policy=PlainBearer(),
        )
        self.registries, self.runs = client.registries, client.runs

    def schedule(self, request):
        return self.registries.begin_schedule_run(*AT, request).result()

    def cancel(self, run):
        self.runs.begin_cancel(*AT, run).result()

    def archive(self, run):
        return self.runs.begin_update(*AT, run, {"isArchiveEnabled": True}).result()


class Successor:
    """azure-mgmt-containerregistrytasks."""

    def __init__(self, url):
        client = ContainerRegistryTasksMgmtClient(
            Credential(), SUBSCRIPTION, base_url=url, authentication_policy=PlainBearer()
        )
        self.registries, self.runs = client.registries, client.runs

    def schedule(self, request):
        return self.registries.schedule_run(*AT, request)

    def cancel(self, run):
        self.runs.cancel(*AT, run)

    def archive(self, run):
        return self.runs.update(*AT, run, {"isArchiveEnabled": True})


@pytest.fixture(scope="module", params=[Former, Successor])
def tasks(request, emulator):
    return request.param(emulator.url)


def packed(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def upload(tasks, files):
    place = tasks.registries.get_build_source_upload_url(*AT)
    put = requests.put(
        place.upload_url, data=packed(files), headers={"x-ms-blob-type": "BlockBlob"}, timeout=30
    )
    assert put.status_code == 201, put.text
    return place.relative_path


def build(tasks, image, **more):
    """A request as a stream of JSON, which both packages send as it is."""
    given = {
        "type": "DockerBuildRequest",
        "imageNames": [image],
        "isPushEnabled": True,
        "dockerFilePath": "Dockerfile",
        "platform": {"os": "Linux", "architecture": "amd64"},
        "timeout": 600,
        "sourceLocation": upload(tasks, {"Dockerfile": DOCKERFILE, "serve.py": f"print({image!r})\n"}),
        **more,
    }
    return io.BytesIO(json.dumps(given).encode())


def eventually(look):
    until = time.monotonic() + RUN_S_MAX
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(POLL_S)
    raise AssertionError("not in time")


def status(run):
    """`status` of a run: the successor nests it in `properties`, and reads it from there for the caller, too."""
    return run.properties if hasattr(run, "properties") and run.properties is not None else run


def ended(tasks, run):
    def look():
        found = status(tasks.runs.get(*AT, run))
        return found if found.status not in ("Queued", "Started", "Running") else None

    return eventually(look)


def scheduled(tasks, request):
    run = status(tasks.schedule(request))
    assert run.status == "Queued" and run.run_id
    return run.run_id


def log(tasks, run):
    return BlobClient.from_blob_url(tasks.runs.get_log_sas_url(*AT, run).log_link)


def followed(tasks, run):
    """Reads a log as azure-cli does: by ranges, until the metadata says that it is complete."""
    blob, text, metadata = log(tasks, run), b"", {}

    def look():
        nonlocal text, metadata
        # There is no log before the run has begun.
        if not blob.exists():
            return False
        properties = blob.get_blob_properties()
        while len(text) < properties.size:
            text += blob.download_blob(offset=len(text), length=4096).readall()
        metadata = properties.metadata
        return "complete" in metadata

    eventually(look)
    return text.decode(), metadata["complete"]


def test_the_workspace_names_its_registry(emulator, ml):
    named = ml.workspaces.get(WORKSPACE).container_registry
    assert named.endswith(f"/registries/{REGISTRY}")
    client = ContainerRegistryManagementClient(
        Credential(), SUBSCRIPTION, base_url=emulator.url, authentication_policy=PlainBearer()
    )
    registry = client.registries.get(*AT)
    assert registry.id == named
    assert registry.login_server == emulator.url.removeprefix("http://")
    assert [one.name for one in client.registries.list_by_resource_group(RESOURCE_GROUP)] == [REGISTRY]
    assert [one.name for one in client.registries.list()] == [REGISTRY]
    with pytest.raises(ResourceNotFoundError):
        client.registries.get(RESOURCE_GROUP, "other0001")


def credentials(emulator):
    client = ContainerRegistryManagementClient(
        Credential(), SUBSCRIPTION, base_url=emulator.url, authentication_policy=PlainBearer()
    )
    found = client.registries.list_credentials(*AT)
    return found.username, found.passwords[0].value


def signed_in(emulator, backend):
    """oras, signed in as the admin user."""
    host = emulator.url.removeprefix("http://")
    client = oras.client.OrasClient(hostname=host, insecure=True, auth_backend=backend)
    client.auth.set_basic_auth(*credentials(emulator))
    return client, host


@pytest.fixture
def images(emulator):
    return signed_in(emulator, "token")


def test_a_build_is_followed_to_its_image(tasks, images):
    name = f"team/{type(tasks).__name__.lower()}"
    request = build(tasks, name + ":{{.Run.ID}}", target="litserve")
    run = scheduled(tasks, request)
    text, outcome = followed(tasks, run)
    found = ended(tasks, run)
    assert (found.status, outcome) == ("Succeeded", "successful"), text
    assert f"Run ID: {run} was successful after" in text
    image = found.output_images[0]
    assert (image.repository, image.tag) == (name, run)
    assert found.create_time <= found.start_time <= found.finish_time
    client, host = images
    assert client.get_tags(f"{host}/{name}") == [run]
    manifest = client.get_manifest(f"{host}/{name}:{run}")
    by_digest = client.get_manifest(f"{host}/{name}@{image.digest}")
    assert manifest == by_digest and manifest["layers"]
    for part in [manifest["config"], *manifest["layers"]]:
        blob = client.get_blob(f"{host}/{name}", part["digest"])
        assert len(blob.content) == part["size"]


def test_a_run_is_cancelled(tasks):
    run = scheduled(tasks, build(tasks, "stuck-log:1"))
    blob = log(tasks, run)
    eventually(lambda: blob.exists() and b"never comes" in blob.download_blob().readall())
    assert status(tasks.runs.get(*AT, run)).status == "Running"
    tasks.cancel(run)
    assert ended(tasks, run).status == "Canceled"
    assert followed(tasks, run)[1] == "canceled"


@pytest.mark.parametrize(
    "image, expected, word, line",
    [
        ("fail-space:1", "Failed", "failed", "no space left on device"),
        ("fail-base:1", "Failed", "failed", "manifest unknown"),
        ("fail-agent:1", "Error", "internalerror", "the agent"),
    ],
)
def test_builds_fail_by_name(tasks, image, expected, word, line):
    run = scheduled(tasks, build(tasks, image))
    text, outcome = followed(tasks, run)
    found = ended(tasks, run)
    assert (found.status, outcome) == (expected, word) and found.run_error_message
    assert line in text
    with pytest.raises(ResourceExistsError):
        tasks.cancel(run)


def test_runs_are_listed_and_archived(tasks):
    run = scheduled(tasks, build(tasks, "fail-space:2"))
    ended(tasks, run)
    listed = [status(one).run_id for one in tasks.runs.list(*AT, top=1)]
    assert listed[0] == run and len(listed) == len(set(listed)), "the pager follows the links to the end"
    kept = list(tasks.runs.list(*AT, filter=f"RunId eq '{run}' and Status eq 'Failed'"))
    assert [status(one).run_id for one in kept] == [run]
    assert status(tasks.archive(run)).is_archive_enabled is True


def test_invalid_requests_are_refused(tasks):
    for more, word in [
        ({"imageNames": ["App:1"]}, "repository"),
        ({"timeout": 10}, "300"),
        ({"sourceLocation": "https://github.com/o/r.git"}, "does not download"),
        ({"type": "EncodedTaskRunRequest"}, "DockerBuildRequest"),
        ({"platform": {"os": "Windows"}}, "Windows"),
    ]:
        with pytest.raises(HttpResponseError) as error:
            tasks.schedule(build(tasks, "app:1", **more))
        assert error.value.status_code == 400 and word in error.value.message, error.value
    with pytest.raises(HttpResponseError) as error:
        tasks.schedule(build(tasks, "fail-quota:1"))
    assert (error.value.status_code, error.value.error.code) == (403, "TasksOperationsNotAllowed")
    with pytest.raises(ResourceNotFoundError):
        tasks.runs.get(*AT, "cb99999")


def test_models_of_the_packages_are_accepted(emulator):
    """The requests that the packages build themselves from their models."""
    from azure.mgmt.containerregistry.v2019_06_01_preview import models as former
    from azure.mgmt.containerregistrytasks import models as successor

    for tasks, models in [(Former(emulator.url), former), (Successor(emulator.url), successor)]:
        source = upload(tasks, {"Dockerfile": DOCKERFILE})
        request = models.DockerBuildRequest(
            image_names=["stuck-queue:1"], is_push_enabled=True, docker_file_path="Dockerfile",
            platform=models.PlatformProperties(os="Linux", architecture="amd64"), source_location=source,
            arguments=[models.Argument(name="TOKEN", value="canary", is_secret=True)],
            agent_configuration=models.AgentProperties(cpu=2), timeout=600,
        )
        run = scheduled(tasks, request)
        tasks.cancel(run)
        assert ended(tasks, run).status == "Canceled"


def test_oras_pushes_and_pulls(emulator, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # With tokens, oras would push with the token that it got for reading, which ACR refuses, too.
    client, host = signed_in(emulator, "basic")
    (tmp_path / "model.json").write_text('{"made": "up"}')
    target = f"{host}/artifacts/model:v1"
    pushed = client.push(target=target, files=["model.json"], disable_path_validation=True)
    assert pushed.status_code in (200, 201)
    assert client.get_tags(target) == ["v1"]
    assert client.get_manifest(target)["layers"][0]["size"] == len('{"made": "up"}')
    pulled = client.pull(target=target, outdir=str(tmp_path / "out"))
    assert [open(path).read() for path in pulled] == ['{"made": "up"}']
    with pytest.raises(ValueError, match="Not Found"):
        client.get_manifest(f"{host}/artifacts/model:v2")


def test_wrong_passwords_are_refused(emulator, monkeypatch):
    # oras repeats what was refused, and would pause for two minutes in all.
    monkeypatch.setattr("oras.decorator.time", types.SimpleNamespace(sleep=lambda seconds: None))
    host = emulator.url.removeprefix("http://")
    client = oras.client.OrasClient(hostname=host, insecure=True)
    client.auth.set_basic_auth("crsdk0001", "wrong")
    with pytest.raises(Exception) as error:
        client.get_tags(f"{host}/artifacts/model")
    assert "authentication" in str(error.value).lower() or "401" in str(error.value)
