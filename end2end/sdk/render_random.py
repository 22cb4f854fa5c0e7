"""Random deployment and endpoint YAML from the SDK's schemas, mostly valid, with some odd values."""

import json
import random

from render_cases import ARM

ODD = ["5", "1.5", "true", "null", "''", "[]", "{}", "[1]", "{a: 1}", "text", "'5'", "' 7 '", "0", "-3",
       "1e3", "1.0e+3", "0x1F", "017", "2024-01-02", "1_000", "~", "yes", "'yes'", "'TRUE'", "1:30", ".5", "08"]
NUMBERS = ["0", "1", "7", "600", "90000", "3661", "'3'", "2.7", "-10", "86400000"]
FLAGS = ["true", "false", "yes", "off", "'on'", "'n'", "1", "0", "'1'", "2"]
FREE = ["{}", "{a: b}", "{a: 1, b: 2.5, c: null}", "{1: x}", "{a: [1, {b: yes}]}", "{d: 2024-01-02 03:04:05}", "{A: 0o17, B: 017}"]


class Random:
    """A reproducible generator of files."""

    def __init__(self, seed, oddness=0.04):
        self.random = random.Random(seed)
        self.oddness = oddness

    def pick(self, values):
        if self.random.random() < self.oddness:
            return self.random.choice(ODD)
        return self.random.choice(values)

    def map(self, **keys):
        """A random selection of the keys; a key like `name!` is always included."""
        parts = []
        for key, make in keys.items():
            needed = key.endswith("_must")
            name = key.removesuffix("_must")
            if self.random.random() < (0.97 if needed else 0.5):
                value = self.pick([make()] if callable(make) else make)
                parts.append(f"{name}: {value}")
        if self.random.random() < self.oddness / 2:
            parts.append(self.random.choice(["colour: red", "$schema: x", "id: x", "'': x", "type: x"]))
        self.random.shuffle(parts)
        return "{" + ", ".join(parts) + "}"

    def reference(self, kind):
        ways = ["azureml:n:1", "azureml:n@latest", "azureml:n", "azureml:n:1:2", f"azureml:{ARM}/{kind}/n/versions/1",
                f"azureml://registries/r/{kind}/n/versions/1", "n:1", "azureml:a/b:1", "azureml://x/y", "'azureml:'",
                "azureml:n@", "azureml:@latest", f"azureml:{ARM}/other/n/versions/1", "azureml:AzureML-n:2",
                "azureml:AzureML-n@latest", f"azureml:{ARM.replace('resourceGroups', 'resourcegroups')}/{kind}/n/versions/1"]
        return self.random.choice(ways[:2] * 3 + ways)

    def model(self):
        if self.random.random() < 0.5:
            return self.reference("models")
        paths = ["models/nbq.json", "./models", "models/mlflow/", "absent", "azureml://datastores/d/paths/p",
                 "azureml://jobs/j/outputs/o/paths/p", "runs:/a/b", "https://example.org/m", "azureml://datastores/d"]
        return self.map(
            name=["nbq", "nbq", "''"], version=["1", "'2'", "1.0", "true"], path_must=paths[:3] * 3 + paths,
            type=["custom_model", "mlflow_model", "triton_model", "MLFLOW_MODEL", "none"], description=["words"],
            tags=FREE[:3], properties=FREE[:3], stage=["s"], datastore=["d"], flavors=["{a: {b: c}}", "{}"],
        )

    def environment(self):
        if self.random.random() < 0.4:
            return self.reference("environments")
        if self.random.random() < 0.2:
            return self.pick(["file:envs/named.yml", "file:envs/anonymous.yml", "file:here.yml", "file:absent.yml", "here.yml"])
        route = "{port: 5001, path: /}"
        inference = lambda: self.map(liveness_route_must=[route], readiness_route_must=[route], scoring_route_must=[route, "{port: '1', path: /s}"])
        build = lambda: self.map(path_must=["docker", "./docker/", "absent", "https://github.com/a/b"], dockerfile_path=["Dockerfile"])
        keys = dict(
            name=["e", "e", "5", "''"], version=["1", "'2'", "1.0", "''"], conda_file=["envs/conda.yml", "absent.yml", "{a: [b]}"],
            inference_config=inference, os_type=["linux", "Windows", "mac"], tags=FREE[:3], description=["d", "''"],
        )
        if self.random.random() < 0.7:
            keys["image_must"] = ["a.azurecr.io/b:1", "''"]
        else:
            keys["build_must"] = build
        return self.map(**keys)

    def probe(self):
        return self.map(period=NUMBERS, initial_delay=NUMBERS, timeout=NUMBERS, success_threshold=NUMBERS, failure_threshold=NUMBERS)

    def collector(self):
        data = lambda: self.map(name=["d"], version=["'1'", "'3'"], path=["azureml://datastores/d/paths/p"], data_id=["x"])
        collection = lambda: self.map(enabled_must=["'true'", "'False'"], data=data, client_id=["c"])
        return self.map(
            collections_must=lambda: self.map(model_inputs=collection, model_outputs=collection, mine=collection),
            sampling_rate=["0.5", "1", "0", "'0.25'", "1.01"], rolling_rate=["hour", "Day", "week"],
            request_logging=["{capture_headers: [a, b]}", "{}", "{capture_headers: a}"],
        )

    def deployment(self):
        kubernetes = self.random.random() < 0.3
        keys = dict(
            name_must=["blue", "Green-2", "a_b"], endpoint_name_must=["nbq-ep", "Nbq"], description=["words", "''"],
            tags=FREE, properties=FREE, model=self.model, environment=self.environment,
            code_configuration=lambda: self.map(
                code_must=["scoring", "./scoring/", "absent", "azureml:c:1", f"azureml:{ARM}/codes/c/versions/1", "scoring/score.py"],
                scoring_script_must=["score.py", "score.py", "absent.py"]),
            environment_variables=FREE, app_insights_enabled=FLAGS, request_settings=lambda: self.map(
                request_timeout_ms=NUMBERS, max_concurrent_requests_per_instance=NUMBERS, max_queue_wait_ms=NUMBERS),
            liveness_probe=self.probe, readiness_probe=self.probe, provisioning_state=["x"], instance_count=NUMBERS,
            model_mount_path=["/var/m"],
        )
        if self.random.random() < 0.4:
            keys["data_collector"] = self.collector
        if kubernetes:
            amounts = ["'1'", "1Gi", "'0.5'"]
            resource = lambda: self.map(cpu=amounts, memory=amounts, **{"nvidia.com/gpu": amounts})
            keys |= dict(
                type_must=["kubernetes"], instance_type=["small", "''"],
                resources=lambda: self.map(requests=resource, limits=resource),
                scale_settings=["{type: default}", "{type: target_utilization, min_instances: 1, max_instances: '2', polling_interval: 70}"],
            )
        else:
            keys |= dict(
                instance_type_must=["Standard_DS3_v2"], type=["managed", "Kubernetes", "Managed"],
                egress_public_network_access=["enabled", "Disabled"], private_network_connection=FLAGS,
                scale_settings=["{type: default}", "{type: Default}", "{type: target_utilization}"],
            )
        return self._few(keys)

    def _few(self, keys):
        """A few of the keys: with all keys, one invalid value would hide the others."""
        kept = {k: v for k, v in keys.items() if k.endswith("_must") or self.random.random() < 0.35}
        text = self.map(**kept)
        return text + "\n" if self.random.random() < 0.5 else block(text)

    def endpoint(self):
        shares = lambda: self.map(blue=["100", "'90'", "10", "0"], Green=["0", "10", "5.5"], x=["-5", "0"])
        users = ["[{resource_id: /subscriptions/s/u}]", "[{resource_id: u, client_id: c}]", "[]"]
        keys = dict(
            name_must=["nbq-ep", "Nbq", "ab", "a-"], description=["d", "''"], tags=FREE, properties=FREE,
            auth_mode=["key", "Key", "aml_token", "AADToken", "KEY", "none"], traffic=shares, mirror_traffic=shares,
            identity=lambda: self.map(type_must=["system_assigned", "UserAssigned", "None"], user_assigned_identities=users, tenant_id=["t"]),
            location=["x"], scoring_uri=["x"], provisioning_state=["x"], kind=["x"],
        )
        if self.random.random() < 0.3:
            keys["compute"] = ["azureml:k8s", f"azureml:{ARM}/computes/k", "k8s", "''"]
        else:
            keys["public_network_access"] = ["enabled", "Disabled", "no"]
        return self._few(keys)


def block(text):
    """The same text in block style, if it can be parsed and dumped."""
    import yaml

    try:
        loaded = yaml.safe_load(text)
        return yaml.safe_dump(loaded, sort_keys=False, width=60) if isinstance(loaded, dict) else text + "\n"
    except (yaml.YAMLError, ValueError):
        return text + "\n"


def case(kind, seed):
    return getattr(Random(json.dumps([kind, seed])), kind)()
