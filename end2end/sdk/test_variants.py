"""Variants of the walk that teams' scripts use: other orders, other formats, repeated calls."""

import pytest
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import (
    CodeConfiguration,
    Environment,
    IdentityConfiguration,
    ManagedIdentityConfiguration,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
)
from azure.core.exceptions import ResourceExistsError

E = "variants-ep"
PATH = "azureml://datastores/workspaceblobstore/paths/models/variants"


@pytest.fixture(scope="module", autouse=True)
def stage(ml):
    ml.environments.create_or_update(Environment(name="var-env", version="1", image="a.azurecr.io/a:1"))
    ml.models.create_or_update(Model(name="var-model", version="1", path=PATH, type="custom_model"))
    ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=E)).result()
    yield
    ml.online_endpoints.begin_delete(E).result()


def deployment(name, **more):
    given = dict(
        name=name,
        endpoint_name=E,
        model="azureml:var-model:1",
        environment="azureml:var-env:1",
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
    given.update(more)
    return ManagedOnlineDeployment(**given)


def test_existing_code_is_not_uploaded_again(ml, tmp_path):
    (tmp_path / "score.py").write_text("def init():\n    pass\n\ndef run(data):\n    return data\n")
    code = CodeConfiguration(code=str(tmp_path), scoring_script="score.py")
    ids = [
        ml.online_deployments.begin_create_or_update(deployment(name, code_configuration=code))
        .result()
        .code_configuration.code
        for name in ("coded", "coded-too")
    ]
    assert ids[0] == ids[1]


def test_a_repeated_inline_environment_is_registered_once(ml):
    ids = {
        ml.online_deployments.begin_create_or_update(
            deployment(name, environment=Environment(image="mcr.azurecr.io/inline:1"))
        )
        .result()
        .environment
        for name in ("inline", "inline-too")
    }
    assert len(ids) == 1 and "CliV2AnonymousEnvironment" in ids.pop()


def test_a_poller_can_be_abandoned(ml):
    poller = ml.online_deployments.begin_create_or_update(deployment("alone"))
    assert not poller.done() and poller.status() == "InProgress"
    assert ml.online_deployments.get("alone", E).provisioning_state == "Updating"
    with pytest.raises(ResourceExistsError):
        ml.online_deployments.begin_delete("alone", E).result()
    poller.wait(60)
    assert poller.status() == "Succeeded"
    scaled = ml.online_deployments.get("alone", E)
    scaled.instance_count = 2
    assert ml.online_deployments.begin_create_or_update(scaled).result().instance_count == 2


def test_an_update_of_tags_keeps_the_route(ml):
    ml.online_deployments.begin_create_or_update(deployment("routed")).result()
    endpoint = ml.online_endpoints.get(E)
    endpoint.traffic = {"routed": 100}
    ml.online_endpoints.begin_create_or_update(endpoint).result()
    endpoint = ml.online_endpoints.get(E)
    endpoint.tags = {"owner": "somebody"}
    ml.online_endpoints.begin_create_or_update(endpoint).result()
    got = ml.online_endpoints.get(E)
    assert got.traffic["routed"] == 100 and got.tags == {"owner": "somebody"}
    # A new object has no route, and a PUT replaces the endpoint.
    fresh = ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=E)).result()
    assert (fresh.traffic, fresh.tags) == ({}, {})


def test_a_user_assigned_identity_can_be_sent_back_as_read(ml):
    arm_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    identity = IdentityConfiguration(
        type="user_assigned",
        user_assigned_identities=[ManagedIdentityConfiguration(resource_id=arm_id)],
    )
    made = ManagedOnlineEndpoint(name="identity-ep", identity=identity)
    ml.online_endpoints.begin_create_or_update(made).result()
    got = ml.online_endpoints.get("identity-ep")
    again = ml.online_endpoints.begin_create_or_update(got).result()
    assert again.identity.type == "user_assigned"
    assert [one.resource_id for one in again.identity.user_assigned_identities] == [arm_id]
    ml.online_endpoints.begin_delete("identity-ep").result()


def test_an_archived_name_is_listed_only_on_request(ml):
    ml.models.create_or_update(Model(name="var-old", path=PATH))
    ml.models.archive("var-old")
    assert "var-old" not in {model.name for model in ml.models.list()}
    archived = ml.models.list(list_view_type=ListViewType.ARCHIVED_ONLY)
    assert "var-old" in {model.name for model in archived}
    ml.models.restore("var-old")
    assert "var-old" in {model.name for model in ml.models.list()}
