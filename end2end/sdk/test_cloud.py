"""Configures the SDK for the emulator with ARM_CLOUD_METADATA_URL, and uploads a model from a local path."""

import os
import subprocess
import sys
import textwrap

from azure.ai.ml.entities import Model

from emulator import RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE


def test_the_metadata_url_is_enough(emulator):
    script = textwrap.dedent(
        f"""
        from azure.ai.ml import MLClient
        from emulator import Credential, PlainBearer
        ml = MLClient(Credential(), "{SUBSCRIPTION}", "{RESOURCE_GROUP}", "{WORKSPACE}",
                      authentication_policy=PlainBearer(), enable_telemetry=False)
        print(ml.workspaces.get("{WORKSPACE}").name)
        print(len(list(ml.online_endpoints.list())))
        """
    )
    url = f"{emulator.url}/metadata/endpoints?api-version=2022-09-01"
    env = {**os.environ, "ARM_CLOUD_METADATA_URL": url}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=120,
        cwd=os.path.dirname(__file__),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[-2] == WORKSPACE


def test_a_model_is_uploaded_from_a_local_path(emulator, ml, tmp_path, monkeypatch):
    """The SDK hard-codes https://{account}.blob.{suffix}; the test redirects only that template to the emulator."""
    from azure.ai.ml._artifacts import _artifact_utilities as artifacts

    template = emulator.url + "/blob/{}"
    monkeypatch.setitem(artifacts.STORAGE_ACCOUNT_URLS, "AzureBlob", template)
    path = tmp_path / "model.json"
    path.write_text('{"made": "up"}')
    made = ml.models.create_or_update(Model(name="local-model", version="1", path=str(path)))
    assert "workspaceblobstore" in made.path and made.path.endswith("model.json")
    again = ml.models.create_or_update(Model(name="local-model", version="2", path=str(path)))
    assert again.path == made.path
