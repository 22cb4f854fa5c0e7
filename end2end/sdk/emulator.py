"""Starts `understudy emulator` on a free port and builds SDK clients for it."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import SansIOHTTPPolicy

SUBSCRIPTION = "00000000-0000-4000-8000-0000000000ab"
RESOURCE_GROUP = "rg-sdk"
WORKSPACE = "mlw-sdk-0001dev"
LOCATION = "westeurope"
START_S_MAX = 60


class Credential:
    """Returns made-up tokens: the emulator accepts any non-empty token."""

    def get_token(self, *scopes, **kwargs):
        return AccessToken("made-up-token", int(time.time()) + 3600)


class PlainBearer(SansIOHTTPPolicy):
    """Allows plain HTTP, unlike the SDK's own policy."""

    def on_request(self, request):
        # An option for the SDK's own policy, which the transport would reject.
        request.context.options.pop("enforce_https", None)
        request.http_request.headers["Authorization"] = "Bearer made-up-token"


def binary():
    """UNDERSTUDY_BIN, or the newest binary that cargo built."""
    named = os.environ.get("UNDERSTUDY_BIN")
    if named:
        return [named]
    root = pathlib.Path(__file__).resolve().parents[2]
    targets = [
        os.environ.get("CARGO_TARGET_DIR"),
        root / "target",
        pathlib.Path.home() / ".cache/understudy/target",
    ]
    for target in filter(None, targets):
        for profile in ("debug", "release"):
            path = pathlib.Path(target) / profile / "understudy"
            if path.exists():
                return [str(path)]
    raise RuntimeError("build the binary first: cargo build, or set UNDERSTUDY_BIN")


class Emulator:
    """A running emulator."""

    def __init__(self, *extra):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        command = binary() + [
            "emulator", "--listen", "127.0.0.1:0", "--subscription", SUBSCRIPTION,
            "--resource-group", RESOURCE_GROUP, "--workspace", WORKSPACE,
            "--location", LOCATION, "--speed", "20", *extra,
        ]
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        self.url = self._announced(r"listens on (http://\S+?)/?\s")
        # Of the console's app registration.
        self.client_id = self._announced(r"client id\s+(\S+)\s")
        # Its last line.
        self.github_token = self._announced(r"GitHub token\s+(\S+)\s")
        self.github = self._announced(r"GitHub\s+(\S+)\s")
        self.repository = self._announced(r"repository\s+(\S+)\s")

    def _announced(self, pattern):
        until = time.monotonic() + START_S_MAX
        while time.monotonic() < until:
            text = pathlib.Path(self.log.name).read_text()
            found = re.search(pattern, text)
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the emulator did not start:\n{pathlib.Path(self.log.name).read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def client(self, url=None):
        """An unmodified MLClient configured for another cloud: the emulator, or a proxy in front of it."""
        from azure.ai.ml import MLClient

        url = url or self.url
        return MLClient(
            Credential(), SUBSCRIPTION, RESOURCE_GROUP, WORKSPACE,
            # The SDK never replaces a cloud of the same name.
            cloud=f"Understudy{url}",
            cloud_metadata={
                "azure_portal": url,
                "resource_manager": url,
                "active_directory": url,
                "aml_resource_id": url,
                "storage_endpoint": "core.windows.net",
                "registry_discovery_endpoint": f"{url}/",
            },
            authentication_policy=PlainBearer(),
            enable_telemetry=False,
            show_progress=False,
        )
