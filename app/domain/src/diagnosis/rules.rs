//! The rules. Source of codes and causes, and target of the anchors: Microsoft, “Troubleshoot online endpoint
//! deployment and scoring”. The log lines are those of Python, conda and the kernel.

pub(super) struct Rule {
    /// Alternatives in lower case. A line matches if it contains all parts of one alternative.
    pub(super) words: &'static [&'static [&'static str]],
    /// The most likely cause, in a sentence.
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
    pub(super) anchor: &'static str,
    /// A line that the rule matches.
    #[cfg(test)]
    pub(super) example: &'static str,
}

/// Defines a rule. Only tests use the example.
macro_rules! rule {
    ($words:expr, $cause:literal, $fix:literal, $anchor:literal, $example:literal $(,)?) => {
        Rule {
            words: $words,
            cause: $cause,
            fix: $fix,
            anchor: $anchor,
            #[cfg(test)]
            example: $example,
        }
    };
}

/// All rules: logs before Azure's messages, specific before general.
pub(super) const RULES: &[Rule] = &[
    rule!(
        &[
            &["modulenotfounderror"],
            &["importerror"],
            &["no module named"],
            &["userscriptimporterror"]
        ],
        "The scoring script imports a package that is not in its environment.",
        "Add the package, with its version, to the conda file or the image, build a new version of the \
         environment, and deploy with that.",
        "error-resourcenotready",
        "ModuleNotFoundError: No module named 'sklearn'",
    ),
    rule!(
        &[&["syntaxerror:"], &["indentationerror:"]],
        "The scoring script has a syntax error: Python could not read it.",
        "Fix the line that the log names, run the script once on your machine, and deploy again.",
        "error-resourcenotready",
        "SyntaxError: invalid syntax",
    ),
    rule!(
        &[&["register() takes 3 positional arguments"]],
        "The versions of flask and azureml-inference-server-http in the environment are incompatible.",
        "Use a newer azureml-inference-server-http, or pin flask below version 2, and rebuild the environment.",
        "error-resourcenotready",
        "TypeError: register() takes 3 positional arguments but 4 were given",
    ),
    rule!(
        &[&["cuda out of memory"], &["cuda error: out of memory"]],
        "The model needs more memory than the GPU has.",
        "Use a machine size with a larger GPU, a smaller batch, or fewer workers per instance.",
        "memory-quota",
        "torch.cuda.OutOfMemoryError: CUDA out of memory.",
    ),
    rule!(
        &[
            &["memoryerror"],
            &["oomkilled"],
            &["podoutofmemory"],
            &["out of memory"],
            &["signal 9"],
            &["sigkill"],
            &["cannot allocate memory"],
        ],
        "The process needed more memory than its instance has, and was killed.",
        "Use a machine size with more memory, fewer workers per instance, or a smaller model.",
        "memory-quota",
        "MemoryError: Unable to allocate 3.05 GiB for an array",
    ),
    rule!(
        &[&["no space left on device"], &["errno 28"]],
        "The instance's disk is full: image and model do not fit.",
        "Use a machine size with a larger disk, or make the image or the model smaller.",
        "disk-quota",
        "OSError: [Errno 28] No space left on device",
    ),
    rule!(
        &[&["address already in use"], &["errno 98"]],
        "Two processes in the container use the same port.",
        "Start only one server, on the port in the environment's inference_config.",
        "error-resourcenotready",
        "OSError: [Errno 98] Address already in use",
    ),
    rule!(
        &[&["filenotfounderror"], &["no such file or directory"]],
        "The scoring script opens a file that is not in the container.",
        "Build paths from AZUREML_MODEL_DIR, and check that the registered model has the file at that path.",
        "error-resourcenotready",
        "FileNotFoundError: [Errno 2] No such file or directory: 'model.pkl'",
    ),
    rule!(
        &[
            &["userscriptfunctionnotfound"],
            &["valid init() function"],
            &["valid run() function"],
            &["has no attribute 'init'"],
            &["has no attribute 'run'"],
        ],
        "The scoring script lacks init() or run().",
        "Define both functions in the file that scoring_script names.",
        "error-userscriptfunctionnotfound",
        "UserScriptFunctionNotFound: score.py has no run()",
    ),
    rule!(
        &[&["userscriptinitfailed"], &["init()", "exception"], &["exception in init"]],
        "The scoring script's init() raised an exception.",
        "Read the exception in the deployment's log, fix its cause, and deploy again.",
        "error-userscriptinitfailed",
        "UserScriptInitFailed: init() raised",
    ),
    rule!(
        &[&["authorizationpermissionmismatch"], &["authorizationfailure"], &["403", "storage"]],
        "The endpoint's identity is not allowed to read the workspace's storage account.",
        "Give the identity the role Storage Blob Data Reader on the account, wait a few minutes, and retry.",
        "authorization-error",
        "ERROR: the model could not be downloaded: 403 AuthorizationPermissionMismatch",
    ),
    rule!(
        &[
            &["unable to download user container image"],
            &["imagepullloopbackoff"],
            &["imagepullbackoff"],
            &["errimagepull"]
        ],
        "Azure could not pull the image: the registry does not have it, or the endpoint's identity may not read it.",
        "Check that the registry has the tag, and give the endpoint's identity the role AcrPull on the registry.",
        "unable-to-download-user-container-image",
        "BadArgument: Unable to download user container image",
    ),
    rule!(
        &[&["unable to download user model"]],
        "Azure could not download the model: it is not registered in this workspace, or its files were deleted.",
        "Check that this version of the model is registered here, and read the storage initializer's log.",
        "unable-to-download-user-model",
        "BadArgument: Unable to download user model",
    ),
    rule!(
        &[&["startup task failed"], &["role assignment", "failed"], &["authorization error"]],
        "The endpoint's identity lacks a role that it needs to start.",
        "Give the identity Storage Blob Data Reader on the workspace's storage account and AcrPull on the registry. Wait a \
         few minutes, and retry.",
        "authorization-error",
        "BadArgument: Startup task failed due to authorization error",
    ),
    rule!(
        &[&["unschedulable"], &["too many pods"], &["insufficient cpu"]],
        "The Kubernetes cluster has no room for the deployment.",
        "Request fewer resources, add nodes to the cluster, or remove pods from it.",
        "kubernetes-quota",
        "OutOfQuota: Kubernetes unschedulable. Details: 0/1 nodes are available",
    ),
    rule!(
        &[
            &["skunotavailable"],
            &["allocationfailed"],
            &["lack of", "capacity"],
            &["not enough capacity"],
            &["insufficient capacity"],
        ],
        "Azure currently has no free machines of this size in the region.",
        "Retry later, or use another size or region.",
        "region-wide-vm-capacity",
        "SkuNotAvailable: The requested size is not available in westeurope",
    ),
    rule!(
        &[&["outofquota"], &["out of quota"], &["not enough quota"], &["quota", "exceeded"]],
        "The quota for this family of machines is used up. Azure reserves a fifth more than the instances need.",
        "Delete unneeded deployments, use fewer instances, or request more quota.",
        "cpu-quota",
        "OutOfQuota: Not enough quota available for Standard_DS3_v2",
    ),
    rule!(
        &[&["imagebuildfailure", "authorization"], &["container registry authorization failure"]],
        "The workspace could not sign in to its container registry.",
        "Synchronize the workspace's keys (az ml workspace sync-keys), and check the registry's network rules.",
        "azure-container-registry-authorization-failure",
        "ImageBuildFailure: container registry authorization failure",
    ),
    rule!(
        &[&["failed to communicate with the workspace's container registry"]],
        "The registry is private, and the workspace has no compute that can build images in its network.",
        "Configure a compute for image builds on the workspace, or use an image that you built yourself.",
        "image-build-compute-not-set-in-a-private-workspace-with-virtual-network",
        "ImageBuildFailure: failed to communicate with the workspace's container registry",
    ),
    rule!(
        &[&["image build", "timed out"], &["image build", "timeout"], &["imagebuild", "timeout"]],
        "The image build took too long.",
        "Build the image beforehand with the team's build workflow, so that the deployment only pulls it.",
        "image-build-timing-out",
        "ImageBuildFailure: the image build timed out",
    ),
    rule!(
        &[&["imagebuildfailure"], &["image build failed"]],
        "Azure could not build the environment's image.",
        "Read the build log that the message names. If pip did not finish, pin the versions in the conda file.",
        "error-imagebuildfailure",
        "ImageBuildFailure: see the build log",
    ),
    rule!(
        &[&["workspacemanagednetworknotready"]],
        "The workspace's managed network has not been provisioned yet.",
        "Provision the network (az ml workspace provision-network), and retry when it is ready.",
        "error-workspacemanagednetworknotready",
        "WorkspaceManagedNetworkNotReady: provision it first",
    ),
    rule!(
        &[&["secretsinjectionerror"]],
        "Azure could not read a secret that the deployment refers to.",
        "Check that the secret exists and that the endpoint's identity may read it. A new role takes a few minutes.",
        "error-secretsinjectionerror",
        "SecretsInjectionError: the secret is not there",
    ),
    rule!(
        &[&["requestdisallowedbypolicy"], &["disallowed by policy"], &["invalidtemplatefunction"]],
        "An Azure policy of the subscription forbids the deployment.",
        "Ask the owner of the policy that the message names, or comply with the policy.",
        "invalid-template-function-specification",
        "RequestDisallowedByPolicy: Resource was disallowed by policy deny-public",
    ),
    rule!(
        &[&["operationcanceled"], &["operation was canceled"], &["operation was cancelled"]],
        "Azure canceled the operation in favor of another one on the same resource.",
        "Wait a minute, check the result of the other operation, and retry.",
        "error-operationcanceled",
        "OperationCanceled: Operation was canceled by another operation that has a higher priority",
    ),
    rule!(
        &[&["readiness probe"]],
        "The container runs, but its readiness probe did not succeed in time: loading takes too long, or the probe is \
         wrong.",
        "Give readiness_probe a longer initial_delay or a higher failure_threshold, check its path and port, or \
         use a faster machine size.",
        "error-resourcenotready",
        "ResourceNotReady: the readiness probe of instance i-0 failed 3 times.",
    ),
    rule!(
        &[&["liveness probe"]],
        "The container runs, but does not answer the liveness probe.",
        "Check the probe's path and port, and that the server listens on all addresses. If the server starts slowly, \
         give liveness_probe a longer initial_delay.",
        "error-resourcenotready",
        "ResourceNotReady: Liveness probe failed: HTTP probe failed with statuscode: 502",
    ),
    rule!(
        &[
            &["resourcenotready"],
            &["crashloopbackoff"],
            &["has crashed or terminated"],
            &["containercannotrun"],
        ],
        "The container repeatedly stopped while it was starting.",
        "Read the last lines of its log. If the log is empty, the container could not start: run it on your machine.",
        "error-resourcenotready",
        "ResourceNotReady: User container has crashed or terminated.",
    ),
    rule!(
        &[&["resourcenotfound"], &["resourcegroupnotfound"], &["subscriptionnotfound"]],
        "A resource that the deployment refers to does not exist.",
        "Check the names and paths in the message: spelling, workspace, subscription.",
        "error-resourcenotfound",
        "ResourceNotFound: the storage account anet was not found",
    ),
    rule!(
        &[&["internalservererror"]],
        "An internal error occurred on Azure's side.",
        "Retry once. If the error persists, open a support ticket with the time and the ids in Azure's response.",
        "error-internalservererror",
        "InternalServerError: An unexpected error occurred",
    ),
];
