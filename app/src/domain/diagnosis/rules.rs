//! The rules. Codes and their causes: Microsoft, “Troubleshoot online endpoint deployment and scoring”, to whose
//! parts the anchors point. The log lines are those of Python, conda and the kernel.

/// One rule.
pub(super) struct Rule {
    /// Alternatives; all parts of one must stand in the same line, in small letters.
    pub(super) words: &'static [&'static [&'static str]],
    /// What most likely happened, in a sentence.
    pub(super) cause: &'static str,
    /// What to do, in a sentence or two.
    pub(super) fix: &'static str,
    /// The article's part.
    pub(super) anchor: &'static str,
    /// A line that it is for.
    #[cfg(test)]
    pub(super) example: &'static str,
}

/// A rule; its example is for the tests alone.
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

/// All of them: what a log says before what Azure says, the narrow before the wide.
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
        "Mend the line that the log names, run the script once on your machine, and deploy again.",
        "error-resourcenotready",
        "SyntaxError: invalid syntax",
    ),
    rule!(
        &[&["register() takes 3 positional arguments"]],
        "The versions of flask and azureml-inference-server-http in the environment do not fit together.",
        "Take a newer azureml-inference-server-http, or pin flask below version 2, and build the environment anew.",
        "error-resourcenotready",
        "TypeError: register() takes 3 positional arguments but 4 were given",
    ),
    rule!(
        &[&["cuda out of memory"], &["cuda error: out of memory"]],
        "The model needs more than the memory of the GPU.",
        "Take a machine size with a larger GPU, a smaller batch, or fewer workers per instance.",
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
        "The process needed more memory than its instance has, and was ended.",
        "Take a machine size with more memory, fewer workers per instance, or a smaller model.",
        "memory-quota",
        "MemoryError: Unable to allocate 3.05 GiB for an array",
    ),
    rule!(
        &[&["no space left on device"], &["errno 28"]],
        "The disk of the instance is full: image and model do not fit.",
        "Take a machine size with a larger disk, or make the image or the model smaller.",
        "disk-quota",
        "OSError: [Errno 28] No space left on device",
    ),
    rule!(
        &[&["address already in use"], &["errno 98"]],
        "Two processes in the container want the same port.",
        "Start one server only, on the port that the environment's inference_config names.",
        "error-resourcenotready",
        "OSError: [Errno 98] Address already in use",
    ),
    rule!(
        &[&["filenotfounderror"], &["no such file or directory"]],
        "The scoring script opens a file that is not in the container.",
        "Build paths from AZUREML_MODEL_DIR and look whether the registered model has that file at that place.",
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
        "The scoring script has no init() or no run().",
        "Define both functions in the script that scoring_script names.",
        "error-userscriptfunctionnotfound",
        "UserScriptFunctionNotFound: score.py has no run()",
    ),
    rule!(
        &[&["userscriptinitfailed"], &["init()", "exception"], &["exception in init"]],
        "The scoring script's init() raised an exception.",
        "Read the exception in the deployment's log, mend it, and deploy again.",
        "error-userscriptinitfailed",
        "UserScriptInitFailed: init() raised",
    ),
    rule!(
        &[&["authorizationpermissionmismatch"], &["authorizationfailure"], &["403", "storage"]],
        "The endpoint's identity may not read the workspace's storage account.",
        "Give it the role Storage Blob Data Reader there, wait some minutes until that is in force, and retry.",
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
        "The image could not be pulled: it is not in the registry, or the endpoint's identity may not read it.",
        "Look whether the registry has that tag, and give the endpoint's identity the role AcrPull on it.",
        "unable-to-download-user-container-image",
        "BadArgument: Unable to download user container image",
    ),
    rule!(
        &[&["unable to download user model"]],
        "The model could not be downloaded: it is not registered in this workspace, or its files are gone.",
        "Look whether that version of the model is registered here, and read the storage initializer's log.",
        "unable-to-download-user-model",
        "BadArgument: Unable to download user model",
    ),
    rule!(
        &[&["startup task failed"], &["role assignment", "failed"], &["authorization error"]],
        "The endpoint's identity lacks a role that starting needs.",
        "Give it Storage Blob Data Reader on the workspace's storage account and AcrPull on its registry, wait some \
         minutes, and retry.",
        "authorization-error",
        "BadArgument: Startup task failed due to authorization error",
    ),
    rule!(
        &[&["unschedulable"], &["too many pods"], &["insufficient cpu"]],
        "The Kubernetes cluster has no room for the deployment.",
        "Ask for less, or have nodes added to the cluster or pods removed from it.",
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
        "Azure has no free machines of this size in the region at the moment.",
        "Retry later, or take another size or region.",
        "region-wide-vm-capacity",
        "SkuNotAvailable: The requested size is not available in westeurope",
    ),
    rule!(
        &[&["outofquota"], &["out of quota"], &["not enough quota"], &["quota", "exceeded"]],
        "The quota for machines of this family is used up; Azure reserves a fifth more than the instances need.",
        "Delete deployments that are not needed, ask for fewer instances, or request more quota.",
        "cpu-quota",
        "OutOfQuota: Not enough quota available for Standard_DS3_v2",
    ),
    rule!(
        &[&["imagebuildfailure", "authorization"], &["container registry authorization failure"]],
        "The workspace could not sign in at its container registry.",
        "Synchronise the workspace's keys (az ml workspace sync-keys), and look at the registry's network rules.",
        "azure-container-registry-authorization-failure",
        "ImageBuildFailure: container registry authorization failure",
    ),
    rule!(
        &[&["failed to communicate with the workspace's container registry"]],
        "The registry is private, and the workspace may not build images in its network.",
        "Set a compute for image builds on the workspace, or build the image yourself and name it.",
        "image-build-compute-not-set-in-a-private-workspace-with-virtual-network",
        "ImageBuildFailure: failed to communicate with the workspace's container registry",
    ),
    rule!(
        &[&["image build", "timed out"], &["image build", "timeout"], &["imagebuild", "timeout"]],
        "Building the image took too long.",
        "Build it before and apart (the team's build workflow), so that deploying only pulls it.",
        "image-build-timing-out",
        "ImageBuildFailure: the image build timed out",
    ),
    rule!(
        &[&["imagebuildfailure"], &["image build failed"]],
        "The environment's image could not be built.",
        "Read the build log that the message names; pin the versions in the conda file if pip ran without end.",
        "error-imagebuildfailure",
        "ImageBuildFailure: see the build log",
    ),
    rule!(
        &[&["workspacemanagednetworknotready"]],
        "The workspace's managed network has not been provisioned yet.",
        "Provision it (az ml workspace provision-network), and retry when that has ended.",
        "error-workspacemanagednetworknotready",
        "WorkspaceManagedNetworkNotReady: provision it first",
    ),
    rule!(
        &[&["secretsinjectionerror"]],
        "A secret that the deployment refers to could not be read.",
        "Look whether it exists and whether the endpoint's identity may read it; a new role needs some minutes.",
        "error-secretsinjectionerror",
        "SecretsInjectionError: the secret is not there",
    ),
    rule!(
        &[&["requestdisallowedbypolicy"], &["disallowed by policy"], &["invalidtemplatefunction"]],
        "An Azure policy of the subscription forbids it.",
        "Ask whoever keeps the policy that the message names, or change what it asks for.",
        "invalid-template-function-specification",
        "RequestDisallowedByPolicy: Resource was disallowed by policy deny-public",
    ),
    rule!(
        &[&["operationcanceled"], &["operation was canceled"], &["operation was cancelled"]],
        "Azure ended it in favour of another operation on the same resource.",
        "Wait a minute, look at what the other one did, and retry.",
        "error-operationcanceled",
        "OperationCanceled: Operation was canceled by another operation that has a higher priority",
    ),
    rule!(
        &[&["readiness probe"]],
        "The container runs, but its readiness probe did not succeed in time: it loads for too long, or the probe is \
         wrong.",
        "Give readiness_probe a longer initial_delay or a higher failure_threshold, look at its path and port, or \
         take a faster machine size.",
        "error-resourcenotready",
        "ResourceNotReady: the readiness probe of instance i-0 failed 3 times.",
    ),
    rule!(
        &[&["liveness probe"]],
        "The container runs, but nothing in it answers the liveness probe.",
        "Look at the probe's path and port, and whether the server listens on all addresses; give liveness_probe a \
         longer initial_delay if it only starts slowly.",
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
        "The container ended, again and again, while it was starting.",
        "Read the last lines of its log; a container that wrote none could not start at all: run it on your machine.",
        "error-resourcenotready",
        "ResourceNotReady: User container has crashed or terminated.",
    ),
    rule!(
        &[&["resourcenotfound"], &["resourcegroupnotfound"], &["subscriptionnotfound"]],
        "Something that it refers to is not there.",
        "Check the names and paths that the message names: spelling, workspace, subscription.",
        "error-resourcenotfound",
        "ResourceNotFound: the storage account anet was not found",
    ),
    rule!(
        &[&["internalservererror"]],
        "Something broke on Azure's side.",
        "Retry once. If it comes again, open a support ticket with the time and the ids in Azure's answer.",
        "error-internalservererror",
        "InternalServerError: An unexpected error occurred",
    ),
];
