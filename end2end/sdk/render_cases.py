"""Cases for `understudy render`: valid and invalid YAML as teams write it, with the referenced files.

Each case is (text, overrides). The official SDK provides the expected result."""

FILES = {
    "scoring/score.py": "def init():\n    pass\n\n\ndef run(data):\n    return data\n",
    "scoring/words.py": "WORDS = []\n",
    "models/nbq.json": '{"a": 1}\n',
    "models/mlflow/MLmodel": "flavors: {}\n",
    "models/mlflow/python_env": "x\n",
    "docker/Dockerfile": "FROM python\n",
    "envs/conda.yml": "name: nbq\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip:\n      - litserve==0.2\n",
    "envs/named.yml": "name: nbq-env\nversion: 4\nimage: acr.azurecr.io/nbq:4\nconda_file: conda.yml\n",
    "envs/anonymous.yml": "image: acr.azurecr.io/nbq:4\n",
    "here.yml": "image: acr.azurecr.io/nbq:5\nconda_file: envs/conda.yml\n",
}

MANAGED = "name: blue\nendpoint_name: nbq-ep\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n"
KUBERNETES = "name: blue\nendpoint_name: nbq-ep\ntype: kubernetes\ninstance_count: 1\n"
ROUTES = "{liveness_route: {port: 5001, path: /}, readiness_route: {port: 5001, path: /}, scoring_route: {port: '5001', path: /score}}"
ARM = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/other/providers/Microsoft.MachineLearningServices/workspaces/w"

# Lines added to a minimal managed deployment.
ADDED = """
model: azureml:nbq:2
model: azureml:nbq@latest
model: azureml:nbq
model: 'azureml:nbq:'
model: azureml:nbq@stable
model: 'azureml:'
model: azureml:nbq:2:rc
model: nbq:2
model: ./models/nbq.json
model: azureml://registries/shared/models/nbq/versions/3
model: azureml:{ARM}/models/nbq/versions/3
model: azureml:{ARM}/models/nbq
model: azureml://datastores/workspaceblobstore/paths/nbq
model: {path: models/nbq.json}
model: {path: ./models/mlflow, type: mlflow_model}
model: {path: models/nbq.json, type: mlflow_model}
model: {name: nbq, path: models, type: Triton_Model}
model: {name: nbq, version: 2, path: ./models/nbq.json, tags: {team: a, n: 1, yes: no}, properties: {p: 1.50}, description: d}
model: {version: 2, path: models/nbq.json}
model: {name: nbq, version: '07', path: azureml://datastores/store/paths/a/b}
model: {path: azureml://datastores/store/paths/a/b}
model: {name: nbq, path: models/absent}
model: {name: nbq, path: runs:/abc/model, type: mlflow_model, flavors: {python_function: {loader: x}}}
model: {name: nbq, path: https://example.org/nbq}
model: {name: nbq}
model: {name: nbq, pathh: x}
model: 5
model: null
environment: azureml:AzureML-sklearn-1.0-ubuntu20.04-py38-cpu:1
environment: azureml:AzureML-minimal@latest
environment: azureml:nbq-env:3
environment: azureml:nbq-env@latest
environment: azureml://registries/azureml/environments/sklearn-1.5/versions/14
environment: azureml:{ARM}/environments/nbq/versions/3
environment: azureml:{ARM}/models/nbq/versions/3
environment: {image: mcr.microsoft.com/base:latest, conda_file: envs/conda.yml}
environment: {image: mcr.microsoft.com/base:latest, conda_file: envs/absent.yml}
environment: {image: x, conda_file: {dependencies: [python=3.11]}}
environment: {image: x, inference_config: ROUTES}
environment: {name: e, version: 1.0, image: x, inference_config: {liveness_route: {port: 1, path: /}}}
environment: {name: e, image: x, os_type: Linux, tags: {a: 1}, description: words}
environment: {name: 5, version: 2, image: x}
environment: {version: 2, image: x}
environment: {build: {path: docker}}
environment: {name: e, version: 1, build: {path: ./docker, dockerfile_path: Dockerfile}}
environment: {build: {path: absent}}
environment: {image: x, build: {path: docker}}
environment: {name: e, build: {path: https://github.com/a/b}}
environment: {name: e}
environment: file:envs/named.yml
environment: file:envs/anonymous.yml
environment: file:here.yml
environment: file:absent.yml
environment: envs/named.yml
environment: {image: x, channels: [a]}
environment: {image: x, properties: {a: b}}
code_configuration: {code: ./scoring, scoring_script: score.py}
code_configuration: {code: scoring/, scoring_script: absent.py}
code_configuration: {code: ./absent, scoring_script: score.py}
code_configuration: {code: scoring}
code_configuration: {scoring_script: score.py}
code_configuration: {code: azureml:nbq-code:1, scoring_script: score.py}
code_configuration: {code: azureml:nbq-code@latest, scoring_script: score.py}
code_configuration: {code: https://github.com/a/b, scoring_script: score.py}
code_configuration: {code: azureml:{ARM}/codes/c/versions/1, scoring_script: score.py}
request_settings: {request_timeout_ms: 90000, max_queue_wait_ms: 500, max_concurrent_requests_per_instance: 4}
request_settings: {request_timeout_ms: 0, max_queue_wait_ms: "1"}
request_settings: {request_timeout_ms: 1.9, max_concurrent_requests_per_instance: 0}
request_settings: {}
request_settings: {request_timeout: 5}
liveness_probe: {initial_delay: 600, period: 10, timeout: 2, success_threshold: 1, failure_threshold: 30}
readiness_probe: {period: "1_0", initial_delay: 0}
readiness_probe: {period: ten}
readiness_probe: {period: yes}
readiness_probe: [1]
scale_settings: {type: default}
scale_settings: {type: Default, max_instances: 3}
scale_settings: {type: target_utilization, max_instances: 3}
data_collector: {collections: {model_inputs: {enabled: 'True'}, model_outputs: {enabled: 'false', client_id: c}}, sampling_rate: 0.25, rolling_rate: Hour}
data_collector: {collections: {mine: {enabled: 'true', data: {name: mine, version: '2', path: azureml://datastores/d/paths/p}}}, request_logging: {capture_headers: [X-Id]}}
data_collector: {collections: {mine: {enabled: true}}}
data_collector: {collections: {mine: {enabled: 'true', data: azureml:mine:1}}}
data_collector: {sampling_rate: 0.5}
data_collector: {collections: {}, sampling_rate: 1.5}
egress_public_network_access: Disabled
egress_public_network_access: no
private_network_connection: true
private_network_connection: 'False'
app_insights_enabled: true
app_insights_enabled: 'on'
app_insights_enabled: maybe
environment_variables: {A: 1, B: yes, C: 0x1F, D: 1e3, E: 2024-01-02, F: null, G: 017, H: '007', I: 1_000, J: 1:30}
environment_variables: {T: 2024-01-02 03:04:05 +01:00, 5: x, true: y, L: [1, {a: b}]}
environment_variables: [A]
tags: {a: b, 1: 2}
tags: null
properties: {a: b}
model_mount_path: /var/models
model_mount_path: 5
description: ''
type: Kubernetes
type: managed
type: serverless
resources: {requests: {cpu: '1'}}
provisioning_state: Succeeded
creation_context: {created_by: x}
instance_cuont: 1
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
anything: [1, 2
tags: {a: =}
tags: {a: 2024-02-30}
tags: &t {a: &v 1, b: *v}
tags: {<<: {a: 1}, b: 2}
tags: {a: !!str 5, b: !!int "7"}
tags: {a: !secret x}
""".strip().splitlines()

ON_KUBERNETES = """
instance_type: small
instance_type: ''
resources: {requests: {cpu: '0.5', memory: 1Gi}, limits: {cpu: '1', nvidia.com/gpu: '1'}}
resources: {requests: {cpu: 1}}
scale_settings: {type: target_utilization, min_instances: 1, max_instances: 3, polling_interval: 10, target_utilization_percentage: 70}
scale_settings: {type: TargetUtilization, polling_interval: 0}
model: azureml://registries/shared/models/nbq/versions/3
environment: azureml://registries/azureml/environments/e/versions/1
egress_public_network_access: enabled
private_network_connection: true
data_collector: {collections: {model_inputs: {enabled: 'true'}}}
""".strip().splitlines()

# Complete files.
WHOLE = [
    "",
    "# nothing\n",
    "- a\n",
    "name: blue\n",
    "name: blue\nendpoint_name: nbq-ep\n",
    "endpoint_name: nbq-ep\ninstance_type: a\n",
    MANAGED.replace("blue", "Blue-2"),
    MANAGED.replace("blue", "a_b"),
    MANAGED.replace("blue", "ab"),
    MANAGED.replace("blue", "a" * 33),
    MANAGED.replace("blue", "5"),
    MANAGED.replace("instance_count: 1", "instance_count: '3'"),
    MANAGED.replace("instance_count: 1", "instance_count: 0"),
    MANAGED.replace("instance_count: 1", "instance_count: many"),
    MANAGED.replace("instance_count: 1\n", ""),
    MANAGED.replace("\n", "\r\n"),
    "\ufeff" + MANAGED,
    "---\n" + MANAGED + "...\n",
    MANAGED + "---\n" + MANAGED,
    MANAGED + "tags:\n\ta: b\n",
    MANAGED + "tags:\n  a: b\t\n",
    MANAGED + "tags: {a: \u0007}\n",
    MANAGED + "model: azureml:a:1\nenvironment: azureml:b:1\ntags: {}\nproperties: {}\nenvironment_variables: {}\n",
    """
x-defaults: &d {period: 10}
name: blue
endpoint_name: nbq-ep
instance_type: a
""",
    """
name: blue
endpoint_name: nbq-ep
instance_type: Standard_F4s_v2
model:
  name: nbq
  version: 1
  path: ./models/
code_configuration:
  code: ./scoring
  scoring_script: score.py
environment:
  conda_file: ./envs/conda.yml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
environment_variables: &vars
  MODEL_DIR: /var/azureml-app/azureml-models/nbq/1
  WORKERS: 4
liveness_probe: &probe
  initial_delay: 30
  period: 10
readiness_probe:
  <<: *probe
  timeout: 5
tags:
  <<: *vars
  WORKERS: 5
""",
]

OVERRIDDEN = [
    (MANAGED, [("instance_count", "3"), ("tags.team", "a"), ("tags.n", "1")]),
    (MANAGED, [("environment.image", "x"), ("environment.conda_file", "envs/conda.yml")]),
    (MANAGED + "model: azureml:nbq:1\n", [("model.name", "x")]),
    (MANAGED, [("type", "kubernetes")]),
    (MANAGED, [("request_settings.request_timeout_ms", "0")]),
    (MANAGED, [("data_collector.request_logging.capture_headers[1]", "b")]),
    (MANAGED, [("colour", "x")]),
    (MANAGED, [("name", "green")]),
]


def deployments():
    shown = [line.replace("{ARM}", ARM).replace("ROUTES", ROUTES) for line in ADDED]
    cases = [(MANAGED + line + "\n", []) for line in shown]
    cases += [(KUBERNETES + line + "\n", []) for line in [*ON_KUBERNETES, "tags: {a: b}"]]
    return cases + [(text, []) for text in WHOLE] + OVERRIDDEN


ENDPOINT_ADDED = """
auth_mode: key
auth_mode: AMLToken
auth_mode: aad_token
auth_mode: Key
auth_mode: none
auth_mode: null
description: words
tags: {a: 1, b: null}
properties: {azureml.x: y}
traffic: {blue: 100}
traffic: {Blue: '90', green: 10, idle: 0}
traffic: {blue: 90, green: 20}
traffic: {blue: -10, green: 110}
traffic: {blue: all}
traffic: {1: 100}
traffic: [blue]
mirror_traffic: {green: 60}
mirror_traffic: {Green: 10, idle: 0}
public_network_access: Disabled
public_network_access: off
identity: {type: system_assigned}
identity: {type: UserAssigned, user_assigned_identities: [{resource_id: /subscriptions/s/u}]}
identity: {type: user_assigned, user_assigned_identities: [{resource_id: a}, {resource_id: b}]}
identity: {type: user_assigned, user_assigned_identities: []}
identity: {type: user_assigned, principal_id: p, tenant_id: t}
identity: {user_assigned_identities: [{resource_id: a}]}
identity: {type: none}
identity: {type: magic}
identity: system_assigned
compute: azureml:cluster
compute: azureml:{ARM}/computes/cluster
compute: cluster
compute: ''
location: eastus
scoring_uri: https://x
kind: Managed
colour: x
id: x
mirror_trafic: {a: 10}
""".strip().splitlines()

ENDPOINT_WHOLE = [
    ("name: nbq-ep\n", []),
    ("name: Nbq-Ep\n", []),
    ("name: n\n", []),
    ("name: nbq_ep\n", []),
    ("name: nbq-\n", []),
    ("auth_mode: key\n", []),
    ("$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json\nname: nbq-ep\nauth_mode: key\n", []),
    ("name: nbq-ep\n", [("compute", "azureml:cluster")]),
    ("name: nbq-ep\n", [("traffic.blue", "100"), ("tags.a", "b")]),
    ("name: nbq-ep\ncompute: azureml:cluster\npublic_network_access: enabled\n", []),
    ("name: nbq-ep\ncompute: azureml:cluster\nmirror_traffic: {a: 10}\n", []),
]


def endpoints():
    cases = [("name: nbq-ep\n" + line.replace("{ARM}", ARM) + "\n", []) for line in ENDPOINT_ADDED]
    return cases + ENDPOINT_WHOLE
