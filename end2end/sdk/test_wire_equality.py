"""The console sends what the official clients send.

Each intent is carried out twice on one emulator and on resources with the same names: first with azure-ai-ml,
azure-mgmt-monitor or azure-mgmt-containerregistry, then, after a cleanup, with the console's own forms. A proxy records both. `DIFFERENCES` lists every
field in which the two requests differ, with the reason. A difference without a row fails, and a row without a
difference fails, too. The console regenerates no keys and deletes no endpoint, so there is no intent for either."""

import collections
import datetime
import io
import os
import pathlib
import re
import tarfile
import types
from unittest import mock

import pytest
import requests
from azure.ai.ml import load_online_deployment, load_online_endpoint
from azure.ai.ml.entities import Environment, Model
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.containerregistry.v2019_06_01_preview import models as registry_models
from azure.mgmt.monitor import MonitorManagementClient, models

import emulator
from console import Console, words
from recorder import Recorder

STAGE = "sdk-dev"
E, BLUE, GREEN = "wire-ep", "wire-blue", "wire-green"
# Has a token instead of keys, and a user-assigned identity. Both sides use the same one.
TOKEN_E = "wire-token-ep"
GROUP = f"/subscriptions/{emulator.SUBSCRIPTION}/resourceGroups/{emulator.RESOURCE_GROUP}"
ENDPOINT_ID = (f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{emulator.WORKSPACE}"
               f"/onlineEndpoints/{E}")
ACTION_GROUP = "ag-sdk-0001-dev"
LOG_ANALYTICS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-sdk-0001dev"
SETTINGS, RULE = f"{E}-logging", f"{E}-non-200-alert"
DIAGNOSTICS_VERSION = "2021-05-01-preview"
LINES = 50

ENDPOINT_YAML = f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
name: {E}
description: Next best question
auth_mode: key
tags:
  team: data-science
  repo: wire
"""

DEPLOYMENT_YAML = f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: {BLUE}
endpoint_name: {E}
model: azureml:wire-model:1
environment: azureml:wire-env:1
instance_type: Standard_DS3_v2
instance_count: 1
app_insights_enabled: true
description: The first model
tags:
  team: data-science
environment_variables:
  ENDPOINT_NAME: {E}
  WORKERS: 2
request_settings:
  request_timeout_ms: 30000
  max_concurrent_requests_per_instance: 16
  max_queue_wait_ms: 500
liveness_probe:
  initial_delay: 5
  period: 7
readiness_probe:
  failure_threshold: 12
"""
UPDATED_YAML = DEPLOYMENT_YAML.replace("instance_count: 1", "instance_count: 2").replace("first", "second")
TOKEN_YAML = f"""\
name: {TOKEN_E}
auth_mode: aml_token
public_network_access: disabled
identity:
  type: user_assigned
  user_assigned_identities:
    - resource_id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/wire
"""
# The form for a new deployment gets the smallest definition.
GREEN_YAML = f"""\
name: {GREEN}
endpoint_name: {E}
model: azureml:wire-model:2
environment: azureml:wire-env:1
instance_type: Standard_DS3_v2
instance_count: 1
"""

REGISTRY = (emulator.RESOURCE_GROUP, "crsdk0001")
BUILT = "wire-built"
# The emulator's log of this image stops, so there is time to cancel the build.
STUCK = "stuck-log-wire"
DOCKERFILE = 'FROM scratch AS serve\nCOPY endpoint.yml /\nCMD ["python3"]\n'
BUILD = """\
on: workflow_dispatch
jobs:
  image:
    uses: anet/ml-mlops-templates/.github/workflows/build.yml@v2.2.4
    with:
      environment: {stage}
      environment_config_file: config-infra.yml
      ml_env_name: {image}
      ml_env_description: Built from a commit
      target_layer: serve
      tags: "'team=data-science' 'why=a \\"test\\"'"
      maximise_disk_space: false
      templates_repo_ref: v2.2.4
"""

WORKFLOW = f"""\
on: workflow_dispatch
jobs:
  deploy:
    uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main
    with:
      environment: {STAGE}
      environment_config_file: config-infra.yml
      endpoint_name: {E}
      deployment_name: {BLUE}
      endpoint_config: ./endpoint.yml
      deployment_config: ./deployment.yml
      deploy: true
      run_load_test: false
    secrets: inherit
"""

INFRA = f"""\
variables:
  namespace: sdk
  postfix: 0001
  environment: dev
  location: {emulator.LOCATION}
  resource_group: {emulator.RESOURCE_GROUP}
  aml_workspace: mlw-$(namespace)-$(postfix)$(environment)
"""

ROUTE = {"port": 5001, "path": "/"}
INFERENCE = {"liveness_route": ROUTE, "readiness_route": ROUTE, "scoring_route": ROUTE}

# Intents, in the order in which both sides carry them out.
CREATE_ENDPOINT = "create the endpoint"
SET_DIAGNOSTICS = "set the diagnostic settings"
CREATE_DEPLOYMENT = "create a deployment of a release"
SET_RULE = "set the alert rule"
UPDATE_DEPLOYMENT = "update an idle deployment"
SET_TRAFFIC = "give a deployment all live traffic"
CREATE_GREEN = "create a deployment from pasted YAML"
SET_MIRROR = "mirror to a deployment"
SPLIT = "split live traffic and end the mirror"
TAKE_TRAFFIC = "take all live traffic from a deployment"
DELETE_DEPLOYMENT = "delete a deployment"
LIST_KEYS = "read the keys"
READ_TOKEN = "read the token"
READ_LOG = "read a container's log"
ROUTE_TOKEN_E = "set the route of an endpoint with a user-assigned identity"
ASK_UPLOAD = "ask where to upload source code"
SCHEDULE = "schedule a build"
SCHEDULE_STUCK = "schedule a build that is cancelled"
ASK_LOG = "ask for the URL of a build's log"
REGISTER = "register an environment's version"
CANCEL = "cancel a build"
ARCHIVE = "archive an environment's version"
INTENTS = (CREATE_ENDPOINT, SET_DIAGNOSTICS, CREATE_DEPLOYMENT, SET_RULE, UPDATE_DEPLOYMENT, SET_TRAFFIC,
           CREATE_GREEN, SET_MIRROR, SPLIT, TAKE_TRAFFIC, DELETE_DEPLOYMENT, LIST_KEYS, READ_LOG, READ_TOKEN,
           ROUTE_TOKEN_E, ASK_UPLOAD, SCHEDULE, REGISTER, ARCHIVE, SCHEDULE_STUCK, ASK_LOG, CANCEL)


class Marker:
    """A value in `DIFFERENCES` that is not JSON."""

    def __init__(self, name, matches):
        self.name, self.matches = name, matches

    def __eq__(self, other):
        return self is other or (not isinstance(other, Marker) and self.matches(other))

    def __repr__(self):
        return self.name


# The field is not sent.
ABSENT = Marker("ABSENT", lambda value: False)
# Some text that differs in each run.
TEXT = Marker("TEXT", lambda value: isinstance(value, str))

Row = collections.namedtuple("Row", "intents field official console reason")

OF_ENDPOINTS = (CREATE_ENDPOINT, SET_TRAFFIC, SET_MIRROR, SPLIT, TAKE_TRAFFIC, LIST_KEYS, READ_TOKEN, ROUTE_TOKEN_E)
OF_DEPLOYMENTS = (CREATE_DEPLOYMENT, UPDATE_DEPLOYMENT, CREATE_GREEN, DELETE_DEPLOYMENT, READ_LOG)
ROUTES = (SET_TRAFFIC, SET_MIRROR, SPLIT, TAKE_TRAFFIC, ROUTE_TOKEN_E)
OF_BUILDS = (SCHEDULE, SCHEDULE_STUCK)
OF_VERSIONS = (REGISTER, ARCHIVE)
BAG = "body.properties.properties"
COPIED = ("azure-ai-ml copies this part of systemData into the properties when it reads an endpoint, and sends it "
          "back. The service owns the value.")
OWNED = "The service owns this property. The console does not send it back; azure-ai-ml does."

DIFFERENCES = (
    Row(OF_ENDPOINTS, "api-version", "2022-02-01-preview", "2025-12-01",
        "azure-ai-ml pins its endpoint operations to an old preview. The console uses a stable version: the default of "
        "the SDK's generated client, which Microsoft's REST reference documents."),
    Row(OF_DEPLOYMENTS, "api-version", "2023-04-01-preview", "2025-12-01",
        "azure-ai-ml pins its deployment operations to an old preview. The console uses one version for Azure ML."),
    Row(ROUTES, "body.kind", ABSENT, "Managed",
        "The console sends back every writable field that it read. azure-ai-ml has no attribute for the kind."),
    Row(ROUTES, f"{BAG}.createdBy", TEXT, ABSENT, COPIED),
    Row(ROUTES, f"{BAG}.createdAt", TEXT, ABSENT, COPIED),
    Row(ROUTES, f"{BAG}.lastModifiedAt", TEXT, ABSENT, COPIED),
    Row(ROUTES, f"{BAG}.AzureAsyncOperationUri", TEXT, ABSENT, OWNED),
    Row(ROUTES, f"{BAG}['azureml.onlineendpointid']", TEXT, ABSENT, OWNED),
    Row((SET_DIAGNOSTICS,), "body.properties.logs[*].retentionPolicy.enabled", False, ABSENT,
        "Microsoft's published example disables retention, which is the default. Azure Monitor has retired retention "
        "in diagnostic settings, so the console does not send it."),
    Row((SET_DIAGNOSTICS,), "body.properties.logs[*].retentionPolicy.days", 0, ABSENT,
        "The reason is that of retentionPolicy.enabled."),
    Row((READ_LOG,), "body.containerType", ABSENT, "InferenceServer",
        "azure-ai-ml leaves the choice to the service unless a caller names a container. The console always names it, "
        "so that it shows the log that its page names."),
    Row(OF_BUILDS, "body.imageNames[*]", TEXT, TEXT,
        "Two of the three tags name the commit and the console's job. The test's official client makes them up."),
    Row(OF_BUILDS, "body.sourceLocation", TEXT, TEXT, "The registry names another place for each upload."),
    Row(OF_VERSIONS, "api-version", "2023-04-01-preview", "2025-12-01",
        "azure-ai-ml pins its environment operations to an old preview. The console uses one version for Azure ML."),
    Row(OF_VERSIONS, "body.properties.image", TEXT, TEXT, "Each side registers its own image."),
    Row(OF_VERSIONS, "body.properties.tags.commit", TEXT, TEXT, "The test's official client makes up a commit."),
    Row(OF_VERSIONS, "body.properties.tags.understudy_job", TEXT, TEXT, "The test's official client makes up a job."),
    Row((REGISTER,), "body.properties.osType", ABSENT, "Linux",
        "The console builds for Linux and says so. azure-ai-ml leaves the default to the service."),
)


def fields(value, path="body"):
    """Every leaf of a JSON value by its path. Empty objects and arrays are leaves, too."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            step = f".{key}" if re.fullmatch(r"[\w-]+", key) else f"[{key!r}]"
            yield from fields(inner, path + step)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from fields(inner, f"{path}[{index}]")
    else:
        yield path, value


def flat(sent):
    """Everything that is compared of a request."""
    # Both sides work on one registry and one environment, whose runs and versions are numbered.
    path = re.sub(r"(?<=/runs/cb)\d+|(?<=/versions/)\d+", "N", sent.path)
    found = {"method": sent.method, "path": path, "api-version": sent.api_version,
             "content-type": sent.content_type, **{f"query.{key}": value for key, value in sent.query.items()}}
    if sent.body is not None:
        found.update(fields(sent.body))
    return found


def is_same(one, other):
    # Python says True == 1; JSON does not. 10 and 10.0 are the same number in JSON.
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def differing(official, console):
    """The fields that differ, with both values."""
    official, console = flat(official), flat(console)
    pairs = {field: (official.get(field, ABSENT), console.get(field, ABSENT)) for field in {*official, *console}}
    # An object that is empty on one side only differs in its fields.
    filled = lambda field: any(other.startswith((f"{field}.", f"{field}[")) for other in pairs)
    return {field: pair for field, pair in pairs.items()
            if not is_same(*pair) and not (filled(field) and {} in pair and ABSENT in pair)}


def unexplained(intent, official, console, rows=DIFFERENCES):
    """What is wrong with the table for one intent: differences without a row, and rows without a difference."""
    found = differing(official, console)
    rows = [row for row in rows if intent in row.intents]
    problems, used = [], set()
    for field, (theirs, ours) in sorted(found.items()):
        general = re.sub(r"\[\d+\]", "[*]", field)
        row = next((row for row in rows if row.field in (field, general)
                    and row.official == theirs and row.console == ours), None)
        if row:
            used.add(row.field)
        else:
            problems.append(f"{field}: the official client sends {theirs!r}, the console {ours!r}")
    stale = [row.field for row in rows if row.field not in used]
    return problems + [f"{field}: the row no longer describes a difference" for field in stale]


def is_reading(one):
    """POSTs that only read, which the console also sends by itself."""
    return one.method == "POST" and one.path.rsplit("/", 1)[-1] in (
        "listKeys", "getLogs", "token", "listBuildSourceUploadUrl", "listLogSasUrl")


class Official:
    """The official clients, which record one request for each intent."""

    def __init__(self, recorder, ml, monitor, registry, folder):
        self.recorder, self.ml, self.monitor, self.registry, self.folder = recorder, ml, monitor, registry, folder
        self.sent = {}

    def set_up(self):
        """Registers what both sides refer to."""
        for version in ("1", "2"):
            path = f"azureml://datastores/workspaceblobstore/paths/models/wire/{version}"
            self.ml.models.create_or_update(Model(name="wire-model", version=version, path=path, type="custom_model"))
        for name in ("wire-env", BUILT):
            self.ml.environments.create_or_update(Environment(
                name=name, version="1", image="acr.azurecr.io/app:1", inference_config=INFERENCE,
            ))
        self.monitor.action_groups.create_or_update(
            emulator.RESOURCE_GROUP, ACTION_GROUP,
            models.ActionGroupResource(location="Global", group_short_name="wire", enabled=True),
        )
        self.endpoint(TOKEN_YAML)
        self.deployment(GREEN_YAML.replace(E, TOKEN_E).replace(GREEN, BLUE))

    def does(self, intent, act):
        start = len(self.recorder.requests)
        act()
        found = self.recorder.sent(False, start)
        assert len(found) == 1, f"{intent}: the official client sent {found}"
        self.sent[intent] = found[0]

    def route(self, traffic, mirror=None, of=E):
        endpoint = self.ml.online_endpoints.get(of)
        endpoint.traffic, endpoint.mirror_traffic = traffic, mirror or {}
        self.ml.online_endpoints.begin_create_or_update(endpoint).result()

    def endpoint(self, text):
        file = self.folder / "official.yml"
        file.write_text(text)
        self.ml.online_endpoints.begin_create_or_update(load_online_endpoint(file)).result()

    def deployment(self, text):
        file = self.folder / "official.yml"
        file.write_text(text)
        self.ml.online_deployments.begin_create_or_update(load_online_deployment(file)).result()

    def everything(self):
        ml, does = self.ml, self.does
        does(CREATE_ENDPOINT, lambda: self.endpoint(ENDPOINT_YAML))
        does(SET_DIAGNOSTICS, self.diagnostics)
        does(CREATE_DEPLOYMENT, lambda: self.deployment(DEPLOYMENT_YAML))
        does(SET_RULE, self.rule)
        does(UPDATE_DEPLOYMENT, lambda: self.deployment(UPDATED_YAML))
        does(SET_TRAFFIC, lambda: self.route({BLUE: 100}))
        does(CREATE_GREEN, lambda: self.deployment(GREEN_YAML))
        does(SET_MIRROR, lambda: self.route({BLUE: 100}, {GREEN: 10}))
        does(SPLIT, lambda: self.route({BLUE: 90, GREEN: 10}))
        does(TAKE_TRAFFIC, lambda: self.route({BLUE: 100}))
        does(DELETE_DEPLOYMENT, lambda: ml.online_deployments.begin_delete(GREEN, E).result())
        does(LIST_KEYS, lambda: ml.online_endpoints.get_keys(E))
        does(READ_LOG, lambda: ml.online_deployments.get_logs(BLUE, E, lines=LINES))
        does(READ_TOKEN, lambda: ml.online_endpoints.get_keys(TOKEN_E))
        does(ROUTE_TOKEN_E, lambda: self.route({BLUE: 100}, of=TOKEN_E))
        self.build()

    def build(self):
        ml, runs, does = self.ml, self.registry.runs, self.does
        does(ASK_UPLOAD, lambda: self.registry.registries.get_build_source_upload_url(*REGISTRY))
        place = self.registry.registries.get_build_source_upload_url(*REGISTRY)
        source = io.BytesIO()
        with tarfile.open(fileobj=source, mode="w:gz") as archive:
            info = tarfile.TarInfo("Dockerfile")
            info.size = len(DOCKERFILE)
            archive.addfile(info, io.BytesIO(DOCKERFILE.encode()))
        headers = {"x-ms-blob-type": "BlockBlob"}
        requests.put(place.upload_url, data=source.getvalue(), headers=headers, timeout=30).raise_for_status()
        kinds = registry_models

        def schedule(image):
            return self.registry.registries.begin_schedule_run(*REGISTRY, kinds.DockerBuildRequest(
                image_names=[f"{image}:{tag}" for tag in ("commit", "latest", "job")], is_push_enabled=True,
                no_cache=False, docker_file_path="Dockerfile", target="serve", arguments=[], timeout=3600,
                platform=kinds.PlatformProperties(os="Linux", architecture="amd64"),
                agent_configuration=kinds.AgentProperties(cpu=2), source_location=place.relative_path,
                is_archive_enabled=False,
            )).result().run_id

        does(SCHEDULE, lambda: schedule(BUILT))
        stuck = []
        does(SCHEDULE_STUCK, lambda: stuck.append(schedule(STUCK)))
        run = stuck[0]
        does(ASK_LOG, lambda: runs.get_log_sas_url(*REGISTRY, run))
        does(CANCEL, lambda: runs.begin_cancel(*REGISTRY, run).result())
        does(REGISTER, lambda: ml.environments.create_or_update(Environment(
            name=BUILT, version="2", image="acr.azurecr.io/app@sha256:0", description="Built from a commit",
            tags={"team": "data-science", "why": 'a "test"', "commit": "abc", "understudy_job": "1"},
            inference_config=INFERENCE,
        )))
        does(ARCHIVE, lambda: ml.environments.archive(BUILT, version="2"))

    def diagnostics(self):
        """A PUT by Microsoft's published example (azure-rest-api-specs, createOrUpdateDiagnosticSetting.json), because
        azure-mgmt-monitor 7 has no diagnostic settings."""
        log = {"enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}
        categories = [f"AmlOnlineEndpoint{kind}Log" for kind in ("Console", "Traffic", "Event")]
        body = {"properties": {"workspaceId": LOG_ANALYTICS,
                               "logs": [{"category": category, **log} for category in categories]}}
        url = f"{self.recorder.url}{ENDPOINT_ID}/providers/Microsoft.Insights/diagnosticSettings/{SETTINGS}"
        answer = requests.put(url, json=body, params={"api-version": DIAGNOSTICS_VERSION},
                              headers={"authorization": "Bearer made-up-token"}, timeout=30)
        answer.raise_for_status()

    def rule(self):
        query = f"AmlOnlineEndpointTrafficLog | where toint(ResponseCode) != 200 and EndpointName == '{E}'"
        rule = models.ScheduledQueryRuleResource(
            location=emulator.LOCATION,
            tags={"environment": STAGE, "team": "data-science", "repo": "team"},
            display_name=RULE,
            severity=1,
            enabled=True,
            scopes=[LOG_ANALYTICS],
            evaluation_frequency=datetime.timedelta(minutes=5),
            window_size=datetime.timedelta(minutes=15),
            criteria=models.ScheduledQueryRuleCriteria(all_of=[models.Condition(
                query=query, time_aggregation="Count", operator="GreaterThan", threshold=10,
                failing_periods=models.ConditionFailingPeriods(
                    number_of_evaluation_periods=1, min_failing_periods_to_alert=1),
            )]),
            actions=models.Actions(
                action_groups=[f"{GROUP}/providers/microsoft.insights/actionGroups/{ACTION_GROUP}"],
                custom_properties={"CustomKey1": E},
            ),
        )
        self.monitor.scheduled_query_rules.create_or_update(emulator.RESOURCE_GROUP, RULE, rule)

    def clean_up(self):
        """Deletes everything, so that the console starts from the same state."""
        url = f"{self.recorder.url}{ENDPOINT_ID}/providers/Microsoft.Insights/diagnosticSettings/{SETTINGS}"
        requests.delete(url, params={"api-version": DIAGNOSTICS_VERSION},
                        headers={"authorization": "Bearer made-up-token"}, timeout=30).raise_for_status()
        self.monitor.scheduled_query_rules.delete(emulator.RESOURCE_GROUP, RULE)
        self.ml.online_endpoints.begin_delete(E).result()
        self.route({}, of=TOKEN_E)


class Ours:
    """The console, which records one request for each intent."""

    def __init__(self, recorder, console, repository):
        self.recorder, self.console, self.repository = recorder, console, repository
        self.sent = {}

    def does(self, intents, act):
        start = len(self.recorder.requests)
        act()
        found = [one for one in self.recorder.sent(True, start) if not is_reading(one)]
        assert len(found) == len(intents), f"{intents}: {found}"
        self.sent.update(zip(intents, found))

    def reads(self, intent, action, act):
        start = len(self.recorder.requests)

        def look():
            found = [one for one in self.recorder.sent(True, start) if one.path.endswith(f"/{action}")]
            return found and found[-1]

        act()
        self.sent[intent] = self.console.eventually(intent, look)

    def release(self, deployment):
        (self.repository / "deployment.yml").write_text(deployment)
        self.console.release("deploy.yml/deploy")

    def does_in_form(self, intent, path, fields, files=None):
        """Sends a form that starts a run, and waits until the run is done."""
        self.does([intent], lambda: self.console.run(self.console.post(path, fields, files)))

    def route(self, intent, base, form, of=E):
        self.does_in_form(intent, f"{self.console.endpoint(of)}/route", {**form, "base": base})

    def test(self, of):
        """Sends a test request, for which the console reads the endpoint's key or token."""
        self.console.send(f"{self.console.endpoint(of)}/test", {"target": "split", "body": "{}"})

    def everything(self):
        at = self.console.endpoint(E)
        self.does([CREATE_ENDPOINT, SET_DIAGNOSTICS, CREATE_DEPLOYMENT, SET_RULE],
                  lambda: self.release(DEPLOYMENT_YAML))
        self.does([UPDATE_DEPLOYMENT], lambda: self.release(UPDATED_YAML))
        self.route(SET_TRAFFIC, "", {f"live.{BLUE}": "100"})
        self.does_in_form(CREATE_GREEN, f"{at}/new-deployment", {}, {"yaml": (None, GREEN_YAML)})
        self.route(SET_MIRROR, f"{BLUE}=100",
                   {f"live.{BLUE}": "100", f"live.{GREEN}": "0", "mirror": GREEN, "mirror_percent": "10"})
        self.route(SPLIT, f"{BLUE}=100;mirror={GREEN}:10", {f"live.{BLUE}": "90", f"live.{GREEN}": "10"})
        self.route(TAKE_TRAFFIC, f"{BLUE}=90,{GREEN}=10", {f"live.{BLUE}": "100", f"live.{GREEN}": "0"})
        delete = f"{at}/deployments/{GREEN}/delete"
        saw = re.search(r'<input[^>]*name="made_of"[^>]*value="([^"]+)"', self.console.get(delete))
        self.does_in_form(DELETE_DEPLOYMENT, delete, {"made_of": saw[1]})
        self.reads(LIST_KEYS, "listKeys", lambda: self.test(E))
        self.reads(READ_LOG, "getLogs",
                   lambda: self.console.get(f"{at}/deployments/{BLUE}", log="inference-server", tail=LINES))
        self.reads(READ_TOKEN, "token", lambda: self.test(TOKEN_E))
        self.route(ROUTE_TOKEN_E, "", {f"live.{BLUE}": "100"}, of=TOKEN_E)
        self.reads(ASK_UPLOAD, "listBuildSourceUploadUrl", self.build)
        self.reads(ASK_LOG, "listLogSasUrl", self.cancel)

    def start(self, file):
        return self.console.post(*self.console.form(f"/releases/team/{file}/image/build"))

    def ends(self, job, word):
        self.console.eventually(f"{job}: {word}", lambda: word in words(self.console.get(job)))

    def build(self):
        """Builds, registers the version, and archives it."""
        self.does([SCHEDULE, REGISTER], lambda: self.ends(self.start("build.yml"), "Succeeded"))
        image = f"/stages/{STAGE}/images/{BUILT}"
        version = self.sent[REGISTER].path.rsplit("/", 1)[-1]
        self.does([ARCHIVE], lambda: self.console.post(f"{image}/archive", {"version": version}))

    def cancel(self):
        """Starts a build and cancels it while its log stands still."""

        def act():
            job = self.start("stuck.yml")
            self.ends(job, "the next line of this log never comes")
            self.console.post(f"{job}/cancel", {})
            self.ends(job, "Cancelled")

        self.does([SCHEDULE_STUCK, CANCEL], act)


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    """The requests of both sides by intent, and everything that was recorded."""
    folder = tmp_path_factory.mktemp("wire")
    azure = emulator.Emulator("--state", str(folder / "azure"), "--builder", "process")
    recorder = Recorder(azure.url)
    try:
        monitor = MonitorManagementClient(
            emulator.Credential(), emulator.SUBSCRIPTION, base_url=recorder.url,
            credential_scopes=["none"], authentication_policy=emulator.PlainBearer(),
        )
        # The SDK keeps the current cloud in the environment, where other tests' clients find it.
        with mock.patch.dict(os.environ):
            registry = ContainerRegistryManagementClient(
                emulator.Credential(), emulator.SUBSCRIPTION, base_url=recorder.url,
                api_version="2019-06-01-preview", authentication_policy=emulator.PlainBearer(),
            )
            official = Official(recorder, azure.client(recorder.url), monitor, registry, folder)
            official.set_up()
            official.everything()
            official.clean_up()
        repository = folder / "team"
        (repository / ".github/workflows").mkdir(parents=True)
        for path, text in ((".github/workflows/deploy.yml", WORKFLOW), ("config-infra.yml", INFRA),
                           ("endpoint.yml", ENDPOINT_YAML), ("deployment.yml", DEPLOYMENT_YAML),
                           ("Dockerfile", DOCKERFILE),
                           (".github/workflows/build.yml", BUILD.format(stage=STAGE, image=BUILT)),
                           (".github/workflows/stuck.yml", BUILD.format(stage=STAGE, image=STUCK))):
            (repository / path).write_text(text)
        console = Console(folder, recorder.url, folder / "azure", azure.client_id, STAGE,
                          f"{{ kind: folder, path: {repository}, name: team }}")
        try:
            ours = Ours(recorder, console, repository)
            ours.everything()
        finally:
            console.stop()
        yield types.SimpleNamespace(official=official.sent, console=ours.sent, recorder=recorder)
    finally:
        recorder.stop()
        azure.stop()


@pytest.mark.parametrize("intent", INTENTS)
def test_both_sides_send_the_same_request(wire, intent):
    problems = unexplained(intent, wire.official[intent], wire.console[intent])
    assert not problems, "\n".join([intent, *problems])


def test_every_write_of_the_console_is_compared(wire):
    compared = [id(one) for one in wire.console.values()]
    left = [one for one in wire.recorder.sent(True) if not is_reading(one) and id(one) not in compared]
    assert not left, left


def test_the_consoles_client_has_no_other_operation():
    """Fails when the console's client gets another operation, which then needs an intent here."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "server/src/azure"
    found = collections.Counter()
    for file in folder.glob("**/*.rs"):
        source = file.read_text().split("#[cfg(test)]")[0]
        calls = re.findall(r"\.send\(\s*Method::(\w+)", source)
        found.update((file.stem, method) for method in calls if method != "GET")
    assert found == {
        # A PUT for routes, and one for an endpoint of a release. listKeys and token share the POST.
        ("endpoints", "PUT"): 2, ("endpoints", "POST"): 1,
        # The POST is getLogs.
        ("deployments", "PUT"): 1, ("deployments", "DELETE"): 1, ("deployments", "POST"): 1,
        # Diagnostic settings and alert rules.
        ("monitoring", "PUT"): 2,
        # The POSTs schedule and cancel, name the place of an upload, and name the URL of a log.
        ("build", "POST"): 2, ("upload", "POST"): 1, ("log", "POST"): 1,
        # Versions are registered, and archived.
        ("environments", "PUT"): 1, ("containers", "PUT"): 1,
    }


def sent(body, **more):
    return types.SimpleNamespace(**{"method": "PUT", "path": "/x", "api_version": "1", "query": {},
                                    "content_type": "application/json", "body": body, **more})


@pytest.mark.parametrize("theirs, ours, found", [
    ({"a": 1}, {"a": 1.0}, []),
    ({"a": True}, {"a": 1}, ["body.a"]),
    ({"a": {}, "b": 1}, {"b": 1}, ["body.a"]),
    ({"a": {"b": 1}}, {"a": {}}, ["body.a.b"]),
    ({"a": [1, 2]}, {"a": [2, 1]}, ["body.a[0]", "body.a[1]"]),
    ({"Tags": {"x": "y"}}, {"tags": {"x": "y"}}, ["body.Tags.x", "body.tags.x"]),
    ({"a": None, "b": 1}, {"b": 1}, ["body.a"]),
    ({"a.b": 1}, {"a": {"b": 1}}, ["body.a.b", "body['a.b']"]),
])
def test_each_differing_field_is_found(theirs, ours, found):
    assert sorted(differing(sent(theirs), sent(ours))) == found


def test_a_difference_needs_a_row_and_a_row_needs_a_difference():
    theirs, ours = sent({"logs": [{"days": 0}]}), sent({"logs": [{"x": 1}]}, api_version="2")
    row = Row(("one",), "body.logs[*].days", 0, ABSENT, "…")
    problems = [problem.split(":")[0] for problem in unexplained("one", theirs, ours, (row,))]
    assert problems == ["api-version", "body.logs[0].x"]
    assert len(unexplained("one", theirs, ours, (row._replace(official=1),))) == 4
    assert len(unexplained("one", theirs, theirs, (row,))) == 1
    assert unexplained("other", theirs, theirs, (row,)) == []


def test_each_row_has_a_reason_and_known_intents():
    for row in DIFFERENCES:
        assert len(row.reason) > 20 and set(row.intents) <= set(INTENTS), row
