"""azure-wire.md §6: the official SDK performs the steps of a release in order."""

import json

import pytest
from azure.ai.ml.entities import (
    CodeConfiguration,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
    ProbeSettings,
)
from azure.core.exceptions import ResourceNotFoundError

from emulator import LOCATION, WORKSPACE

E, BLUE, GREEN = "walk-ep", "blue", "green"
REQUEST = {
    "student": {"answers": [{"item": "q1", "correct": True}]},
    "candidates": ["q3", "q12", "q20"],
    "top": 2,
}


@pytest.fixture
def request_file(tmp_path):
    path = tmp_path / "request.json"
    path.write_text(json.dumps(REQUEST))
    return str(path)


def deployment(ml, name, **more):
    given = dict(
        name=name,
        endpoint_name=E,
        model="azureml:walk-model:1",
        environment="azureml:walk-env:1",
        instance_type="Standard_DS3_v2",
        instance_count=1,
        environment_variables={"A": "b", "N": 1},
        request_settings=OnlineRequestSettings(
            request_timeout_ms=90000, max_concurrent_requests_per_instance=4
        ),
        liveness_probe=ProbeSettings(initial_delay=5),
    )
    given.update(more)
    return ManagedOnlineDeployment(**given)


def test_01_workspace(ml):
    workspace = ml.workspaces.get(WORKSPACE)
    assert workspace.location == LOCATION
    assert [w.name for w in ml.workspaces.list()] == [WORKSPACE]


def test_02_environment(ml):
    made = ml.environments.create_or_update(
        Environment(
            name="walk-env",
            version="1",
            image="acr.azurecr.io/app:1",
            inference_config={
                "liveness_route": {"port": 5001, "path": "/"},
                "readiness_route": {"port": 5001, "path": "/"},
                "scoring_route": {"port": 5001, "path": "/score"},
            },
        )
    )
    assert made.version == "1"
    got = ml.environments.get("walk-env", version="1")
    assert got.image == "acr.azurecr.io/app:1"
    # Without a version, the SDK uses the next one.
    second = ml.environments.create_or_update(Environment(name="walk-env", image="acr.azurecr.io/app:2"))
    assert second.version == "2"
    assert ml.environments.get("walk-env", label="latest").version == "2"
    assert len(list(ml.environments.list(name="walk-env"))) == 2
    ml.environments.archive("walk-env", version="2")
    assert [e.version for e in ml.environments.list(name="walk-env")] == ["1"]
    ml.environments.restore("walk-env", version="2")


def test_03_model(ml):
    path = "azureml://datastores/workspaceblobstore/paths/models/walk"
    made = ml.models.create_or_update(Model(name="walk-model", version="1", path=path, type="custom_model"))
    assert made.version == "1"
    assert ml.models.get("walk-model", version="1").name == "walk-model"
    assert ml.models.create_or_update(Model(name="walk-model", path=path)).version == "2"
    assert "walk-model" in {m.name for m in ml.models.list()}


def test_04_endpoint_create(ml):
    made = ml.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name=E, auth_mode="key", description="conformance run", tags={"k": "v", "n": 1})
    ).result()
    assert made.provisioning_state == "Succeeded"
    assert made.scoring_uri.endswith(f"/endpoints/{E}/score")
    assert made.openapi_uri.endswith("/swagger.json")
    assert made.identity.type == "system_assigned" and made.identity.principal_id


def test_05_endpoint_get(ml):
    got = ml.online_endpoints.get(E)
    assert (got.traffic, got.mirror_traffic, got.kind) == ({}, {}, "Managed")
    assert got.description == "conformance run"


def test_06_endpoint_list(ml):
    assert [e.name for e in ml.online_endpoints.list()] == [E]


def test_07_keys(ml):
    keys = ml.online_endpoints.get_keys(E)
    assert keys.primary_key and keys.secondary_key and keys.primary_key != keys.secondary_key


def test_08_deployments(ml):
    for name in (BLUE, GREEN):
        made = ml.online_deployments.begin_create_or_update(deployment(ml, name)).result()
        assert made.provisioning_state == "Succeeded"
        assert made.request_settings.request_timeout_ms == 90000
        assert made.readiness_probe.failure_threshold == 30
    # Deploying never moves traffic.
    assert set(ml.online_endpoints.get(E).traffic.values()) <= {0}
    assert {d.name for d in ml.online_deployments.list(E)} == {BLUE, GREEN}
    scaled = ml.online_deployments.begin_create_or_update(deployment(ml, GREEN, instance_count=2)).result()
    assert scaled.instance_count == 2


def test_09_rules(ml):
    endpoint = ml.online_endpoints.get(E)
    endpoint.traffic, endpoint.mirror_traffic = {BLUE: 100}, {GREEN: 20}
    done = ml.online_endpoints.begin_create_or_update(endpoint).result()
    assert (done.traffic, done.mirror_traffic) == ({BLUE: 100}, {GREEN: 20})
    got = ml.online_endpoints.get(E)
    assert (got.traffic, got.mirror_traffic) == ({BLUE: 100}, {GREEN: 20})


def test_10_invoke(ml, request_file):
    answer = json.loads(ml.online_endpoints.invoke(E, request_file=request_file))
    assert answer
    named = json.loads(ml.online_endpoints.invoke(E, request_file=request_file, deployment_name=GREEN))
    assert named


def test_11_logs(ml):
    assert isinstance(ml.online_deployments.get_logs(BLUE, E, lines=50), str)
    text = ml.online_deployments.get_logs(BLUE, E, lines=10, container_type="storage-initializer")
    assert "model" in text


def test_12_regenerate(ml):
    before = ml.online_endpoints.get_keys(E)
    ml.online_endpoints.begin_regenerate_keys(E, key_type="secondary").result()
    after = ml.online_endpoints.get_keys(E)
    assert after.primary_key == before.primary_key
    assert after.secondary_key != before.secondary_key


def test_12b_promote(ml):
    endpoint = ml.online_endpoints.get(E)
    endpoint.traffic, endpoint.mirror_traffic = {GREEN: 100}, {}
    ml.online_endpoints.begin_create_or_update(endpoint).result()
    got = ml.online_endpoints.get(E)
    assert {k: v for k, v in got.traffic.items() if v} == {GREEN: 100} and not got.mirror_traffic


def test_13_delete_deployment(ml):
    ml.online_deployments.begin_delete(BLUE, E).result()
    with pytest.raises(ResourceNotFoundError):
        ml.online_deployments.get(BLUE, E)


def test_14_delete_endpoint(ml):
    ml.online_endpoints.begin_delete(E).result()
    with pytest.raises(ResourceNotFoundError):
        ml.online_endpoints.get(E)
    # Deleting a missing endpoint succeeds.
    ml.online_endpoints.begin_delete(E).result()


def test_15_code_upload(ml, tmp_path, request_file):
    folder = tmp_path / "scoring"
    folder.mkdir()
    (folder / "score.py").write_text("def init():\n    pass\n\ndef run(data):\n    return data\n")
    (folder / "helper.py").write_text("X = 1\n")
    ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name="code-ep", auth_mode="key")).result()
    made = ml.online_deployments.begin_create_or_update(
        ManagedOnlineDeployment(
            name=BLUE,
            endpoint_name="code-ep",
            model="azureml:walk-model:1",
            environment="azureml:walk-env:1",
            code_configuration=CodeConfiguration(code=str(folder), scoring_script="score.py"),
            instance_type="Standard_DS3_v2",
            instance_count=1,
        )
    ).result()
    assert "/codes/" in made.code_configuration.code
    assert made.code_configuration.scoring_script == "score.py"
    ml.online_endpoints.begin_delete("code-ep").result()


def test_16_token_endpoint(ml, request_file):
    made = ml.online_endpoints.begin_create_or_update(
        ManagedOnlineEndpoint(name="token-ep", auth_mode="aml_token")
    ).result()
    token = ml.online_endpoints.get_keys("token-ep")
    assert token.access_token.count(".") == 2 and token.token_type == "Bearer"
    assert token.expiry_time_utc - token.refresh_after_time_utc == 12 * 3600
    assert made.auth_mode == "aml_token"
    ml.online_endpoints.begin_delete("token-ep").result()
