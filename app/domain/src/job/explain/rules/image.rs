//! The Dockerfile, its base image, and the registry: what stops a build before its first step.

use super::super::sign::Take::{After, Before, Between};
use super::super::sign::{Rule, has};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "no-such-layer",
        signs: &[
            has(&["target stage", "could not be found"]),
            has(&["failed to reach build target"]),
            has(&["the target", "was not found in the provided dockerfile"]),
        ],
        takes: &[After("target stage "), After("build target "), After("the target ")],
        what: "The Dockerfile has no layer {with the name that the build asks for}.",
        todo: "Correct target_layer in the build's inputs, or name the layer in the Dockerfile: FROM … AS name.",
    },
    Rule {
        name: "dockerfile-missing",
        signs: &[
            has(&["failed to read dockerfile", "no such file"]),
            has(&["unable to evaluate symlinks in dockerfile path"]),
            has(&["no containerfile or dockerfile specified or found"]),
        ],
        takes: &[Between("failed to read dockerfile: open ", ":")],
        what: "The repository has no {Dockerfile at the path that the build asks for} at this commit.",
        todo: "Commit the Dockerfile at the root of the repository, or correct its path in the configuration.",
    },
    Rule {
        name: "dockerfile-syntax",
        signs: &[
            has(&["dockerfile parse error"]),
            has(&["unknown instruction"]),
            has(&["requires either one or three arguments"]),
        ],
        takes: &[
            After("unknown instruction: "),
            After("unknown instruction "),
            Between("parse error on ", ":"),
        ],
        what: "The Dockerfile has a syntax error: {the line says where}.",
        todo: "Correct the line, and build the image once on your machine before you push.",
    },
    Rule {
        name: "docker-hub-limit",
        signs: &[has(&["toomanyrequests"]), has(&["pull rate limit"])],
        takes: &[],
        what: "Docker Hub refused to send the base image, because too many images were pulled from this address.",
        todo: "Retry in six hours, or copy the base image to your own registry (az acr import) and use that in FROM.",
    },
    Rule {
        name: "base-image-missing",
        signs: &[
            has(&["manifest unknown"]),
            has(&["manifest for", "not found"]),
            has(&["pull access denied"]),
            has(&["failed to resolve source metadata", "not found"]),
            has(&["repository does not exist or may require"]),
        ],
        takes: &[
            After("source metadata for "),
            After("manifest for "),
            After("pull access denied for "),
            After("initializing source docker://"),
            Before(": pull access denied"),
        ],
        what: "The base image {in FROM} does not exist, or the build may not read it.",
        todo: "Check name and tag in FROM. If it names another layer, check the spelling of that layer. If the image is \
               private, give the build access to its registry.",
    },
    Rule {
        name: "registry-firewall",
        signs: &[has(&["client with ip", "is not allowed access"]), has(&["aka.ms/acr/firewall"])],
        takes: &[After("client with ip ")],
        what: "The registry's firewall refused the address {of the builder}.",
        todo: "Allow trusted services or the address in the registry's network rules, or build on an agent pool in its \
               network.",
    },
    Rule {
        name: "registry-denied",
        signs: &[
            has(&["unauthorized: authentication required"]),
            has(&["requested access to the resource is denied"]),
            has(&["failed to authorize", "401"]),
            has(&["failed to authorize", "403"]),
            has(&["insufficient_scope"]),
            has(&["failed to get acr refresh token"]),
            has(&["aka.ms/acr/authorization"]),
        ],
        takes: &[],
        what: "The registry refused the build: its identity may not push to it or pull from it.",
        todo: "Give the identity the role AcrPush on the registry, and AcrPull on the registry of the base image. A new \
               role takes a few minutes. Then build again.",
    },
    Rule {
        name: "registry-no-builds",
        signs: &[
            has(&["tasksoperationsnotallowed"]),
            has(&["acr tasks requests for the registry", "not permitted"]),
        ],
        takes: &[],
        what: "Azure does not permit builds in this registry. This is so in free and trial subscriptions.",
        todo: "Open a support request with Azure, or build with GitHub Actions: the configuration chooses per repository.",
    },
    Rule {
        name: "registry-quota",
        signs: &[
            has(&["quotaexceeded"]),
            has(&["quota", "exceeded", "registry"]),
            has(&["agent pool", "not found"]),
            has(&["agentpool", "not found"]),
        ],
        takes: &[],
        what: "Azure Container Registry had no agent for the build: the quota is used up, or the agent pool does not \
               exist.",
        todo: "Wait until other builds end, and retry. Check the name of the agent pool and the registry's quota.",
    },
];
