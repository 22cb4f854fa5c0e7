"""An emulator with an endpoint whose logs go to the log workspace. Its clock moves only when a test says so."""

import requests

from emulator import LOCATION, RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE, Emulator

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}"
ML_WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
LOG_WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-{WORKSPACE.removeprefix('mlw-')}"
LOGS = ("AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog")
BEARER = {"Authorization": "Bearer made-up-token"}


class Watched(Emulator):
    """A running emulator with what the tests of logs, alerts and autoscale need."""

    def __init__(self, *extra):
        super().__init__("--explicit-clock", *extra)

    def arm(self, method, path, body=None, version="2025-12-01"):
        answer = requests.request(
            method, f"{self.url}{path}", params={"api-version": version}, json=body, headers=BEARER, timeout=60,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def advance(self, seconds):
        answer = requests.post(f"{self.url}/emulator/clock/advance", json={"seconds": seconds}, timeout=60)
        assert answer.ok, answer.text

    def endpoint(self, name, deployment=None):
        """Creates an endpoint with the team's diagnostic setting, and a deployment that takes all traffic."""
        path = f"{ML_WORKSPACE}/onlineEndpoints/{name}"
        body = {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "Key"}}
        self.arm("PUT", path, body)
        self.advance(10)
        if deployment:
            properties = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
            sku = {"name": "Default", "capacity": 1}
            at = f"{path}/deployments/{deployment}"
            self.arm("PUT", at, {"location": LOCATION, "sku": sku, "properties": properties})
            self.succeeds(at)
            body["properties"]["traffic"] = {deployment: 100}
            self.arm("PUT", path, body)
            self.advance(10)
        logs = [{"category": log, "enabled": True} for log in LOGS]
        self.arm(
            "PUT", f"{path}/providers/Microsoft.Insights/diagnosticSettings/{name}-logging",
            {"properties": {"workspaceId": LOG_WORKSPACE, "logs": logs}}, "2021-05-01-preview",
        )
        return path

    def succeeds(self, path):
        """Advances the clock until an operation has ended: processes need real time, too."""
        for _ in range(60):
            self.advance(2)
            state = self.arm("GET", path)["properties"]["provisioningState"]
            if state in ("Succeeded", "Failed"):
                assert state == "Succeeded"
                return
        raise AssertionError(f"{path} did not come to rest")

    def score(self, name, key):
        answer = requests.post(
            f"{self.url}/endpoints/{name}/score", headers={"Authorization": f"Bearer {key}"},
            json={"student": {"answers": []}, "candidates": ["q3", "q12"], "top": 1}, timeout=60,
        )
        return answer.status_code

    def key(self, path):
        return self.arm("POST", f"{path}/listKeys")["primaryKey"]

    def customer_id(self):
        return self.arm("GET", LOG_WORKSPACE, version="2023-09-01")["properties"]["customerId"]
