"""What the official SDK would send for a YAML file: runs the SDK's full operations on a fake transport, without a
network. Uploads are only recorded."""

import io
import json
import re
import types
import urllib.parse
from unittest import mock

from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpResponse

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
RESOURCE_GROUP = "rg-render"
WORKSPACE = "mlw-render"
LOCATION = "westeurope"
SCOPE = ["--subscription", SUBSCRIPTION, "--resource-group", RESOURCE_GROUP,
         "--workspace", WORKSPACE, "--location", LOCATION]
WORKSPACE_ID = (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}"
                f"/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}")
# The version that the fake workspace returns for a label or a next version.
SOME_VERSION = "77"
ASSET = re.compile(r"/workspaces/[^/]+/(codes|models|environments|data)/([^/]+)/versions/([^/?]+)$")
LAST = re.compile(r"/onlineEndpoints/[^/]+(/deployments/[^/]+)?$")
UPLOADED = "azureml://uploaded/"


class Sent(Exception):
    """The last request of an operation, which contains the result."""

    def __init__(self, url, body):
        super().__init__(url)
        self.url, self.body = url, body


class Refused(Exception):
    """The SDK rejects the file."""


class Answer:
    """A minimal response for azure-core."""

    def __new__(cls, request, body):
        from azure.core.rest._requests_basic import RestRequestsTransportResponse
        import requests

        inner = requests.Response()
        inner.status_code = 200
        inner.headers["Content-Type"] = "application/json"
        inner._content = json.dumps(body).encode()
        inner.raw = io.BytesIO(inner._content)
        made = RestRequestsTransportResponse(request=request, internal_response=inner)
        made.read()
        return made


class Fake(HttpTransport):
    """A fake Azure with one workspace that records every registered asset."""

    def __init__(self):
        self.registered = {}

    def open(self):
        pass

    def close(self):
        pass

    def __exit__(self, *_):
        pass

    def __enter__(self):
        return self

    def send(self, request, **_):
        path = request.url.split("?")[0]
        body = json.loads(request.content) if request.content else None
        if request.method == "PUT" and LAST.search(path):
            raise Sent(path, body)
        asset = ASSET.search(path)
        place = path[path.index("/subscriptions"):]
        if request.method == "PUT" and asset:
            self.registered[place] = dict(kind=asset[1], name=asset[2], version=asset[3], body=body)
            properties = {"flavors": {}, **body["properties"]}
            return Answer(request, {"id": place, "name": asset[3], "properties": properties,
                                    "systemData": times()})
        if asset:
            return Answer(request, {"id": place, "name": asset[3], "systemData": times(),
                                    "properties": {"image": "x", "modelUri": "x", "flavors": {}}})
        if path.endswith("/versions"):
            name = path.split("/")[-2]
            item = {"id": f"{place}/{SOME_VERSION}", "name": SOME_VERSION, "systemData": times(),
                    "properties": {"image": "x", "modelUri": "x", "flavors": {}}}
            return Answer(request, {"value": [] if "/codes/" in path else [item]})
        return Answer(request, {
            "id": place, "name": place.split("/")[-1], "location": LOCATION, "systemData": times(),
            "properties": {"latestVersion": SOME_VERSION, "nextVersion": SOME_VERSION,
                           "datastoreType": "AzureBlob", "accountName": "a", "containerName": "c",
                           "credentials": {"credentialsType": "None"}, "authMode": "Key",
                           "properties": {}, "traffic": {}},
        })


def times():
    return {"createdAt": "2024-01-01T00:00:00Z", "lastModifiedAt": "2024-01-01T00:00:00Z"}


class Oracle:
    """An SDK client for any number of files."""

    def __init__(self):
        import emulator
        from azure.ai.ml import MLClient
        from azure.ai.ml._artifacts import _artifact_utilities
        from azure.ai.ml._utils import _endpoint_utils
        from azure.ai.ml.operations import _code_operations

        self.fake = Fake()
        self.ml = MLClient(
            emulator.Credential(), SUBSCRIPTION, RESOURCE_GROUP, WORKSPACE,
            authentication_policy=emulator.PlainBearer(), enable_telemetry=False,
            show_progress=False, transport=self.fake, retry_total=0,
        )

        def upload(scope, datastore_operation, path, **more):
            from azure.ai.ml.entities._assets._artifacts.artifact import ArtifactStorageInfo
            from azure.ai.ml._utils._arm_id_utils import get_datastore_arm_id

            if not path.exists():
                raise FileNotFoundError(path)
            if path.is_dir() and not any(found.is_file() for found in path.rglob("*")):
                raise Refused(f"{path} is empty")
            return ArtifactStorageInfo(
                name=more.get("asset_name"), version=more.get("asset_version"),
                relative_path=UPLOADED + str(path),
                datastore_arm_id=get_datastore_arm_id(more.get("datastore_name") or "workspaceblobstore", scope),
                container_name="uploaded", is_file=path.is_file(),
                storage_account_url="https://uploaded.example.org/",
            )

        # Prevents the SDK from reusing an earlier anonymous upload of the same content.
        cut = [
            (_artifact_utilities, "_upload_to_datastore", upload),
            (_code_operations, "get_storage_info_for_non_registry_asset", lambda **_: {"sas_uri": "s", "blob_uri": "b"}),
            (_code_operations, "_get_existing_asset_name_and_version", lambda *_, **__: (None, None)),
            # Skips a request to the real Azure that only logs a hint about a registry's model.
            (_endpoint_utils, "check_default_deployment_template", lambda *_: None),
        ]
        self.cut = [mock.patch.object(*place) for place in cut]
        for patch in self.cut:
            patch.start()

    def stop(self):
        """Restores the SDK's upload functions."""
        for patch in self.cut:
            patch.stop()

    def send(self, kind, source, overrides=()):
        """The body that the SDK sends, with its name, endpoint, and the assets that the SDK registered first."""
        from azure.ai.ml import load_online_deployment, load_online_endpoint

        self.fake.registered = {}
        try:
            if kind == "endpoint":
                made = load_online_endpoint(source, params_override=list(overrides))
                self.ml.online_endpoints.begin_create_or_update(made)
            else:
                made = load_online_deployment(source, params_override=list(overrides))
                self.ml.online_deployments.begin_create_or_update(made)
        except Sent as sent:
            names = sent.url.split("/onlineEndpoints/")[1].split("/deployments/")
            names = [urllib.parse.unquote(name) for name in names]
            return types.SimpleNamespace(
                body=sent.body, name=names[-1], endpoint=names[0], assets=self.fake.registered
            )
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        raise Refused("nothing was sent")


def named_by(sent, rendered):
    """The SDK's body, with the ids of registered or resolved assets replaced by our references."""
    text = json.dumps(sent.body)
    for asset in rendered["assets"]:
        place = None
        if asset["action"] == "resolve":
            place = f"{WORKSPACE_ID}/{asset['kind']}s/{asset['name']}/versions/{SOME_VERSION}"
        else:
            kind = "data" if asset["kind"] == "data" else asset["kind"] + "s"
            found = [at for at, made in sent.assets.items() if made["kind"] == kind
                     and (kind != "data" or (made["name"], made["version"]) == (asset["name"], asset["version"]))]
            place = found[0] if found else None
        if place:
            text = text.replace(json.dumps(place), json.dumps(asset["ref"]))
    return json.loads(text)


def registered_by(sent, asset):
    """The SDK's registration of an asset, in our format."""
    import yaml

    kind = "data" if asset["kind"] == "data" else asset["kind"] + "s"
    for made in sent.assets.values():
        if made["kind"] != kind or (kind == "data" and (made["name"], made["version"]) != (asset["name"], asset["version"])):
            continue
        properties = dict(made["body"]["properties"])
        conda = properties.pop("condaFile", None)
        if kind == "codes":
            # The hash of the contents, which is known only at upload.
            properties.pop("properties", None)
        if asset.get("upload_to") == "build.contextUri":
            properties["build"] = {k: v for k, v in properties["build"].items() if k != "contextUri"}
        elif asset.get("upload_to"):
            assert properties.pop(asset["upload_to"]).endswith(asset["path"])
        return {"properties": properties}, conda and yaml.safe_load(conda), made
    return None
