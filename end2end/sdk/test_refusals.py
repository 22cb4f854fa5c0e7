"""azure-wire.md §3.1: violating a rule through the official SDK returns the documented error."""

import pytest
import requests
from azure.ai.ml.entities import (
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
)
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from emulator import RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE

E = "rules-ep"


@pytest.fixture(scope="module", autouse=True)
def stage(ml):
    ml.environments.create_or_update(Environment(name="rules-env", version="1", image="a.azurecr.io/a:1"))
    path = "azureml://datastores/workspaceblobstore/paths/models/rules"
    ml.models.create_or_update(Model(name="rules-model", version="1", path=path, type="custom_model"))
    ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=E, auth_mode="key")).result()
    for name in ("blue", "green", "idle"):
        deploy(ml, name)
    put(ml, {"blue": 100}, {"green": 10})
    yield
    put(ml, {}, {})
    ml.online_endpoints.begin_delete(E).result()


def deployment(name, **more):
    given = dict(
        name=name,
        endpoint_name=E,
        model="azureml:rules-model:1",
        environment="azureml:rules-env:1",
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
    given.update(more)
    return ManagedOnlineDeployment(**given)


def deploy(ml, name, **more):
    return ml.online_deployments.begin_create_or_update(deployment(name, **more)).result()


def put(ml, traffic, mirror):
    """Uses entities, which the SDK does not validate, so that the emulator rejects the request."""
    endpoint = ml.online_endpoints.get(E)
    endpoint.traffic, endpoint.mirror_traffic = traffic, mirror
    return ml.online_endpoints.begin_create_or_update(endpoint).result()


def assert_user_error(error, *words, status=400):
    assert error.value.status_code == status, error.value
    assert error.value.error.code == "UserError"
    for word in words:
        assert word in error.value.message
    types = {info["type"] for info in error.value.response.json()["error"]["additionalInfo"]}
    assert {"ComponentName", "Correlation", "Environment", "Location", "Time", "InnerError"} <= types


@pytest.mark.parametrize(
    "traffic, mirror, word",
    [
        ({"blue": 60}, {}, "0 or 100"),
        ({"blue": 60, "idle": 60}, {}, "0 or 100"),
        ({"blue": 120, "idle": -20}, {}, "between 0 and 100"),
        ({"nobody": 100}, {}, "nobody"),
        ({"blue": 100}, {"green": 60}, "between 0 and 50"),
        ({"blue": 100}, {"green": -5}, "between 0 and 50"),
        ({"blue": 100}, {"green": 10, "idle": 10}, "one deployment"),
        ({"blue": 100}, {"blue": 10}, "live and mirrored"),
        ({"blue": 100}, {"nobody": 10}, "nobody"),
    ],
)
def test_invalid_routes_are_rejected(ml, traffic, mirror, word):
    with pytest.raises(HttpResponseError) as error:
        put(ml, traffic, mirror)
    assert_user_error(error, word)
    got = ml.online_endpoints.get(E)
    assert (got.traffic["blue"], got.mirror_traffic) == (100, {"green": 10})


@pytest.mark.parametrize("name", ["ab", "under_score", "1abc", "abc-", "a" * 33])
def test_invalid_names_are_rejected(emulator, name):
    answer = raw(emulator, "PUT", f"/onlineEndpoints/{name}", {"location": "westeurope", "properties": {"authMode": "Key"}})
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "UserError"


@pytest.mark.parametrize("name", ["blue", "green"])
def test_a_deployment_with_traffic_cannot_be_deleted(ml, name):
    with pytest.raises(ResourceExistsError) as error:
        ml.online_deployments.begin_delete(name, E).result()
    assert error.value.status_code == 409 and error.value.error.code == "Conflict"


@pytest.mark.parametrize("count", [0, 51])
def test_instance_counts_have_limits(ml, count):
    with pytest.raises(HttpResponseError) as error:
        deploy(ml, "counted", instance_count=count)
    assert_user_error(error, "instance count")


def test_the_instance_type_cannot_change(ml):
    with pytest.raises(HttpResponseError) as error:
        deploy(ml, "idle", instance_type="Standard_F4s_v2")
    assert_user_error(error, "instanceType", "new deployment")


def test_request_timeouts_are_at_most_three_minutes(ml):
    with pytest.raises(HttpResponseError) as error:
        deploy(ml, "slow", request_settings=OnlineRequestSettings(request_timeout_ms=180001))
    assert_user_error(error, "180")


def test_unknown_assets_are_not_found(ml):
    for more in ({"model": "azureml:nobody:1"}, {"environment": "azureml:nobody:1"}):
        with pytest.raises(ResourceNotFoundError) as error:
            deploy(ml, "lost", **more)
        assert_user_error(error, "nobody", status=404)


def test_unknown_endpoints_and_deployments_are_not_found(ml):
    for get in (lambda: ml.online_endpoints.get("nobody"), lambda: ml.online_deployments.get("nobody", E)):
        with pytest.raises(ResourceNotFoundError) as error:
            get()
        assert_user_error(error, status=404)


def test_a_deployment_needs_its_endpoint(ml):
    with pytest.raises(ResourceNotFoundError):
        ml.online_deployments.begin_create_or_update(deployment("blue", endpoint_name="nobody")).result()


def test_an_endpoint_has_at_most_twenty_deployments(ml):
    ml.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name="full-ep", auth_mode="key")).result()
    pollers = [
        ml.online_deployments.begin_create_or_update(deployment(f"fail-quota-{n}", endpoint_name="full-ep"))
        for n in range(20)
    ]
    for poller in pollers:
        with pytest.raises(HttpResponseError):
            poller.result()
    with pytest.raises(HttpResponseError) as error:
        ml.online_deployments.begin_create_or_update(deployment("one-more", endpoint_name="full-ep")).result()
    assert_user_error(error, "20")
    ml.online_endpoints.begin_delete("full-ep").result()


@pytest.mark.parametrize(
    "name, word", [("fail-image-pull", "image"), ("fail-model-download", "model"), ("fail-quota", "quota")]
)
def test_failures_by_name(ml, name, word):
    with pytest.raises(HttpResponseError) as error:
        deploy(ml, name)
    assert word in str(error.value)
    assert ml.online_deployments.get(name, E).provisioning_state == "Failed"
    with pytest.raises(HttpResponseError) as error:
        put(ml, {name: 100}, {})
    assert_user_error(error, "Succeeded")
    with pytest.raises(HttpResponseError) as error:
        deploy(ml, name)
    assert_user_error(error, "Delete and re-create")
    ml.online_deployments.begin_delete(name, E).result()


def test_a_second_change_in_flight_is_a_conflict(ml):
    poller = ml.online_deployments.begin_create_or_update(deployment("stuck-updating"))
    with pytest.raises(ResourceExistsError) as error:
        ml.online_deployments.begin_create_or_update(deployment("stuck-updating")).result()
    assert error.value.status_code == 409
    assert ml.online_deployments.get("stuck-updating", E).provisioning_state == "Updating"
    ml.online_deployments.begin_delete("stuck-updating", E).result()
    with pytest.raises(HttpResponseError):
        poller.result()


def raw(emulator, method, path, body=None, token="Bearer x", version="2023-04-01-preview", data=None):
    url = (
        f"{emulator.url}/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/"
        f"Microsoft.MachineLearningServices/workspaces/{WORKSPACE}{path}"
    )
    headers = {"Authorization": token} if token else {}
    params = {"api-version": version} if version else {}
    return requests.request(method, url, json=body, data=data, headers=headers, params=params, timeout=30)


def test_arm_rejects_malformed_requests(emulator):
    assert raw(emulator, "GET", "", token=None).status_code == 401
    assert "Bearer" in raw(emulator, "GET", "", token="Bearer ").headers["WWW-Authenticate"]
    missing = raw(emulator, "GET", "", version=None)
    assert (missing.status_code, missing.json()["error"]["code"]) == (400, "MissingApiVersionParameter")
    assert raw(emulator, "GET", "/nothing").json()["error"]["code"] == "ResourceNotFound"
    assert raw(emulator, "POST", f"/onlineEndpoints/{E}").status_code == 405
    assert raw(emulator, "PUT", f"/onlineEndpoints/{E}", data=b"{").status_code == 400
    assert raw(emulator, "PUT", f"/onlineEndpoints/{E}", data=b"x" * (5 << 20)).status_code == 413
    elsewhere = {"location": "eastus", "properties": {"authMode": "Key"}}
    assert raw(emulator, "PUT", "/onlineEndpoints/elsewhere", elsewhere).status_code == 400


def test_kubernetes_endpoints_have_no_mirror(emulator):
    body = {
        "location": "westeurope",
        "properties": {
            "authMode": "Key", "compute": "/x/computes/k8s", "traffic": {}, "mirrorTraffic": {"blue": 10},
        },
    }
    answer = raw(emulator, "PUT", "/onlineEndpoints/kube-ep", body)
    assert answer.status_code == 400 and "Kubernetes" in answer.json()["error"]["message"]
