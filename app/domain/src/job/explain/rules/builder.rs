//! Where the build runs: time, runners, Azure's rights, disks.

use super::super::sign::Take::{After, Word};
use super::super::sign::{Rule, has};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "timed-out",
        signs: &[
            has(&["has exceeded the maximum execution time"]),
            has(&["the action", "has timed out after"]),
            has(&["failed to run step id", "context deadline exceeded"]),
            has(&["run id:", "timed out"]),
        ],
        takes: &[],
        what: "The build took longer than its time-out allows.",
        todo: "Look for the step that takes longest. Install large packages before COPY so that they are cached, or raise \
               the time-out.",
    },
    Rule {
        name: "process-builder",
        signs: &[
            has(&["the process builder cannot"]),
            has(&["the process builder does not support"]),
        ],
        takes: &[],
        what: "The emulator's process builder cannot carry out a command of the Dockerfile.",
        todo: "Change the command as the line says, or install buildah, which carries out every Dockerfile.",
    },
    Rule {
        name: "runner-lost",
        signs: &[
            has(&["lost communication with the server"]),
            has(&["runner has received a shutdown signal"]),
            has(&["job was not acquired by runner"]),
        ],
        takes: &[],
        what: "GitHub lost the runner of this job: it was stopped, or it ran out of memory or network.",
        todo: "Re-run the failed jobs. If it happens again, use a larger runner, or build with Azure Container Registry.",
    },
    Rule {
        name: "azure-login",
        signs: &[
            has(&["aadsts"]),
            has(&["no matching federated identity record"]),
            has(&["please run 'az login'"]),
        ],
        takes: &[Word("aadsts")],
        what: "The workflow could not sign in to Azure: Entra ID answered {with an error}.",
        todo: "Compare the federated credential's subject with that in the log: organization, repository and environment, \
               in the same case. Check the workflow's client and tenant ids.",
    },
    Rule {
        name: "environment-refused",
        signs: &[
            has(&["authorizationfailed", "machinelearningservices"]),
            has(&["authorization to perform action", "machinelearningservices"]),
            has(&["environment", "version", "already exists"]),
        ],
        takes: &[After("to perform action ")],
        what: "The image was built, but Azure refused to register the environment version.",
        todo: "If the line names an action, give the identity a role with it on the workspace, such as AzureML Data \
               Scientist. If the version already exists, build again: the next version is new.",
    },
    Rule {
        name: "azure-denied",
        signs: &[has(&["does not have authorization to perform action"])],
        takes: &[After("to perform action ")],
        what: "The build's identity lacks the right {to an action} in Azure.",
        todo: "Give the identity a role with this action on the resource that the line names. A new role takes a few \
               minutes.",
    },
    Rule {
        name: "no-space",
        signs: &[
            has(&["no space left on device"]),
            has(&["errno 28"]),
            has(&["disk quota exceeded"]),
        ],
        takes: &[],
        what: "The builder's disk is full.",
        todo: "Set maximise_disk_space, remove packages that the image does not need, and delete caches in the same RUN \
               that makes them (pip install --no-cache-dir).",
    },
];
