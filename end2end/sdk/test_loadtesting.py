"""The unmodified clients of Azure Load Testing: a URL test, and a Locust test whose key is in Key Vault."""

import csv
import http.server
import io
import threading
import zipfile

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.developer.loadtesting import LoadTestAdministrationClient, LoadTestRunClient
from azure.keyvault.secrets import SecretClient
from azure.mgmt.loadtesting import LoadTestMgmtClient

from emulator import LOCATION, RESOURCE_GROUP, SUBSCRIPTION, Credential, PlainBearer
from plain_http import PlainHttp

RESOURCE = "ltsdk0001dev"
KEY = "a-secret-key-of-the-endpoint"
# The emulator is a process whose time is real, and it announces nothing to a client: it has to ask again.
POLL_S = 0.2
LOCUSTFILE = f"""\
import os
from locust import HttpUser, constant, task

class Caller(HttpUser):
    wait_time = constant(0.05)

    @task
    def score(self):
        key = os.environ["API_KEY"]
        print("the key is", key)
        self.client.post("/score", json={{}}, headers={{"Authorization": f"Bearer {{key}}"}}, name="score")
"""


@pytest.fixture(scope="module")
def target():
    """A server whose `/score` wants the key."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def do_GET(self):
            self.answer(200)

        def do_POST(self):
            self.answer(200 if self.headers.get("Authorization") == f"Bearer {KEY}" else 401)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def arm(emulator):
    return LoadTestMgmtClient(
        Credential(), SUBSCRIPTION, base_url=emulator.url, authentication_policy=PlainBearer()
    )


@pytest.fixture(scope="module")
def endpoint(arm):
    return arm.load_tests.get(RESOURCE_GROUP, RESOURCE).data_plane_uri


@pytest.fixture(scope="module")
def tests(emulator, endpoint):
    return LoadTestAdministrationClient(endpoint, Credential(), transport=PlainHttp(emulator.url))


@pytest.fixture(scope="module")
def runs(emulator, endpoint):
    return LoadTestRunClient(endpoint, Credential(), transport=PlainHttp(emulator.url))


def unzipped(info):
    """The files of an archive, whose URL needs no token."""
    answer = requests.get(info.url, timeout=30)
    answer.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_resources_in_arm(arm):
    body = {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "tags": {"team": "anet"}}
    made = arm.load_tests.begin_create_or_update(RESOURCE_GROUP, "lt-more", body, polling_interval=POLL_S).result()
    assert made.provisioning_state == "Succeeded" and "://" not in made.data_plane_uri
    changed = arm.load_tests.begin_update(RESOURCE_GROUP, "lt-more", {"tags": {"team": "other"}}).result()
    assert changed.tags == {"team": "other"}
    names = {one.name for one in arm.load_tests.list_by_resource_group(RESOURCE_GROUP)}
    assert names == {RESOURCE, "lt-more"}
    assert {one.name for one in arm.load_tests.list_by_subscription()} == names
    arm.load_tests.begin_delete(RESOURCE_GROUP, "lt-more", polling_interval=POLL_S).wait()
    with pytest.raises(ResourceNotFoundError):
        arm.load_tests.get(RESOURCE_GROUP, "lt-more")


def test_a_url_test(tests, runs, target):
    with pytest.raises(ResourceNotFoundError) as missing:
        tests.get_test("quick")
    assert missing.value.error.code == "TestNotFound"
    made = tests.create_or_update_test("quick", {
        "displayName": "Quick", "description": "Twenty requests a second",
        "loadTestConfiguration": {"engineInstances": 2, "quickStartTest": True, "optionalLoadTestConfig": {
            "endpointUrl": f"{target}/", "requestsPerSecond": 20, "maxResponseTimeInMs": 500, "duration": 3,
        }},
        "passFailCriteria": {"passFailMetrics": {
            "a": {"clientMetric": "response_time_ms", "aggregate": "p95", "condition": ">", "value": 2000},
            "b": {"clientMetric": "requests", "aggregate": "count", "condition": "<", "value": 1000},
        }},
    })
    assert (made.kind, made.auto_stop_criteria.error_rate) == ("URL", 90)
    run = runs.begin_test_run("quick-1", {"testId": "quick", "displayName": "First"}, _polling_interval=POLL_S).result()
    assert (run.status, run.test_result) == ("DONE", "FAILED")
    criteria = run.pass_fail_criteria.pass_fail_metrics
    assert (criteria["a"].result, criteria["b"].result) == ("passed", "failed")
    total = run.test_run_statistics["Total"]
    assert criteria["b"].actual_value == total.sample_count and 40 <= total.sample_count <= 62

    span = f"{run.start_date_time:%Y-%m-%dT%H:%M:%S.%fZ}/{run.end_date_time:%Y-%m-%dT%H:%M:%S.%fZ}"
    (namespace,) = runs.get_metric_namespaces("quick-1").value
    definitions = runs.get_metric_definitions("quick-1", metric_namespace=namespace.name).value
    assert {one.name for one in definitions} == {"VirtualUsers", "ResponseTime", "TotalRequests", "Errors"}
    ask = {"metric_namespace": namespace.name, "time_interval": span}
    (series,) = runs.list_metrics("quick-1", metric_name="TotalRequests", **ask)
    assert sum(point.value for point in series.data) == total.sample_count
    dimensions = runs.list_metric_dimension_values("quick-1", "RequestName", metric_name="ResponseTime", **ask)
    assert list(dimensions) == ["HTTP Request"]
    by_name = {"filters": [{"name": "RequestName", "values": ["HTTP Request"]}]}
    (series,) = runs.list_metrics(
        "quick-1", by_name, metric_name="ResponseTime", aggregation="Percentile95", interval="PT5S", **ask
    )
    assert series.dimension_values[0].value == "HTTP Request" and series.data[0].value > 0

    results = unzipped(run.test_artifacts.output_artifacts.result_file_info)
    assert set(results) == {"engine1_results.csv", "engine2_results.csv"}
    rows = [row for text in results.values() for row in csv.DictReader(io.StringIO(text))]
    assert len(rows) == total.sample_count and {row["responseCode"] for row in rows} == {"200"}
    assert [one.test_run_id for one in runs.list_test_runs(test_id="quick")] == ["quick-1"]
    assert "quick" in [one.test_id for one in tests.list_tests(search="QUICK")]
    tests.delete_test("quick")
    with pytest.raises(ResourceNotFoundError):
        runs.get_test_run("quick-1")


def test_stopping_a_run(tests, runs, target):
    tests.create_or_update_test("long", {"loadTestConfiguration": {
        "engineInstances": 1, "quickStartTest": True,
        "optionalLoadTestConfig": {"endpointUrl": f"{target}/", "virtualUsers": 1, "duration": 600},
    }})
    poller = runs.begin_test_run("long-1", {"testId": "long"}, _polling_interval=POLL_S)
    while runs.get_test_run("long-1").status != "EXECUTING":
        poller.wait(POLL_S)
    assert runs.stop_test_run("long-1").status == "CANCELLING"
    run = poller.result()
    assert (run.status, run.test_result) == ("CANCELLED", "NOT_APPLICABLE")
    runs.delete_test_run("long-1")


def test_a_locust_test_with_a_key_of_the_vault(emulator, tests, runs, target):
    vault = SecretClient("https://kv-sdk-0001dev.vault.azure.net", Credential(), transport=PlainHttp(emulator.url))
    key = vault.set_secret("api-key-anet", KEY)
    tests.create_or_update_test("lt-anet-smoke", {
        "kind": "Locust", "displayName": "Smoke",
        "loadTestConfiguration": {"engineInstances": 1, "splitAllCSVs": False},
        "environmentVariables": {
            "LOCUST_HOST": target, "LOCUST_USERS": 2, "LOCUST_SPAWN_RATE": "2", "LOCUST_RUN_TIME": "3",
        },
        "secrets": {"API_KEY": {"type": "AKV_SECRET_URI", "value": key.id}},
        "passFailCriteria": {"passFailMetrics": {
            "a": {"clientMetric": "error", "aggregate": "percentage", "condition": ">", "value": 1, "requestName": "score"},
        }},
    })

    def uploaded(name, text, kind):
        poller = tests.begin_upload_test_file(
            "lt-anet-smoke", name, text.encode(), file_type=kind, _polling_interval=POLL_S
        )
        poller.wait()
        return tests.get_test_file("lt-anet-smoke", name)

    wrong = uploaded("smoke.py", "import locust\nimport ours_that_is_missing\n", "TEST_SCRIPT")
    assert wrong.validation_status == "VALIDATION_FAILURE"
    assert "smoke.py, line 2" in wrong.validation_failure_details
    script = uploaded("smoke.py", LOCUSTFILE, "TEST_SCRIPT")
    assert script.validation_status == "VALIDATION_SUCCESS", script.validation_failure_details
    with pytest.raises(HttpResponseError) as second:
        uploaded("other.py", LOCUSTFILE, "TEST_SCRIPT")
    assert second.value.error.code == "InvalidFile"
    assert [one.file_name for one in tests.list_test_files("lt-anet-smoke")] == ["smoke.py"]

    body = {"testId": "lt-anet-smoke", "displayName": "commit-0123abcd"}
    run = runs.begin_test_run("commit-0123abcd-smoke", body, _polling_interval=POLL_S).result()
    assert (run.status, run.test_result) == ("DONE", "PASSED"), run.error_details
    score = run.test_run_statistics["score"]
    assert score.sample_count > 20 and score.error_count == 0
    assert run.virtual_users == 2
    output = run.test_artifacts.output_artifacts
    logs = "".join(unzipped(output.logs_file_info).values())
    assert "the key is ***" in logs and KEY not in logs
    assert KEY not in "".join(unzipped(output.result_file_info).values())
    script = run.test_artifacts.input_artifacts.test_script_file_info
    assert requests.get(script.url, timeout=10).text == LOCUSTFILE
