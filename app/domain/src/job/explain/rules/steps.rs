//! The steps of the Dockerfile, and the files and packages that they need.

use super::super::sign::Take::{After, Before, Between};
use super::super::sign::{Rule, has, starts};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "lfs-pointer",
        signs: &[
            has(&["version https://git-lfs.github.com/spec/v1"]),
            has(&["invalid load key, 'v'"]),
            has(&["invalid load key: 'v'"]),
        ],
        takes: &[],
        what: "A file of the repository is a pointer of Git LFS instead of its content.",
        todo: "Register the file as a model, or fetch it with git lfs pull in the workflow (actions/checkout with lfs: \
               true). Archives that GitHub makes of a commit contain the pointers unless the repository's settings \
               include LFS objects.",
    },
    Rule {
        name: "submodule-missing",
        signs: &[
            has(&["no url found for submodule path"]),
            has(&["no submodule mapping found"]),
            has(&["fatal: clone of", "into submodule path"]),
        ],
        takes: &[After("submodule path "), After("for path ")],
        what: "The submodule {of the repository} could not be fetched.",
        todo: "Check .gitmodules and the token's access to that repository. Archives that GitHub makes of a commit contain \
               no submodules: install the code as a package instead, or build with GitHub Actions.",
    },
    Rule {
        name: "copy-missing",
        signs: &[
            has(&["failed to compute cache key", "not found"]),
            has(&["failed to calculate checksum of ref", "not found"]),
            has(&["failed to calculate checksum of ref", "no such file or directory"]),
            has(&["copy failed:"]),
            has(&["add failed:"]),
            has(&["file not found in build context"]),
            has(&["building at step \"copy", "no such file or directory"]),
            has(&["building at step \"add", "no such file or directory"]),
            starts("lstat "),
        ],
        takes: &[Before(": not found"), Between("copier: stat: \"", "\""), Between("stat ", ": ")],
        what: "A COPY or ADD in the Dockerfile names {a file} that the build's context does not have.",
        todo: "Check the path, which is relative to the root of the repository. Check that the file is committed and that \
               .dockerignore does not exclude it.",
    },
    Rule {
        name: "pip-conflict",
        signs: &[
            has(&["cannot install", "conflicting dependencies"]),
            has(&["resolutionimpossible"]),
            has(&["no solution found when resolving dependencies"]),
        ],
        takes: &[Between("cannot install ", " because")],
        what: "No versions of the Python packages {in the requirements} fit together.",
        todo: "The lines after this one name the versions that each package needs. Loosen or change one of the pinned \
               versions.",
    },
    Rule {
        name: "network",
        signs: &[
            has(&["temporary failure in name resolution"]),
            has(&["temporary failure resolving"]),
            has(&["could not resolve host"]),
            has(&["no such host"]),
            has(&["connection reset by peer"]),
            has(&["connection refused"]),
            has(&["connection timed out"]),
            has(&["network is unreachable"]),
            has(&["tls handshake timeout"]),
            has(&["i/o timeout"]),
            has(&["read timed out"]),
            has(&["certificate verify failed"]),
            has(&["x509: certificate"]),
        ],
        takes: &[
            After("could not resolve host: "),
            After("temporary failure resolving "),
            After("lookup "),
        ],
        what: "The build could not reach {a server}.",
        todo: "Retry in a few minutes. If it happens again, check the name of the server, the firewall of the builder's \
               network, and the certificates in the image.",
    },
    Rule {
        name: "pip-no-version",
        signs: &[
            has(&["could not find a version that satisfies the requirement"]),
            has(&["no matching distribution found for"]),
        ],
        takes: &[After("satisfies the requirement "), After("distribution found for ")],
        what: "pip found no version of {a package} for this version of Python.",
        todo: "Check name and version of the package. If it exists, check that it supports the image's version of Python \
               and processor, and that a private package index is configured.",
    },
    Rule {
        name: "apt-missing",
        signs: &[
            has(&["e: unable to locate package"]),
            has(&["e: package", "has no installation candidate"]),
            has(&["(no such package)"]),
        ],
        takes: &[After("locate package "), After("e: package "), Before(" (no such package)")],
        what: "The image's distribution has no package {of this name}.",
        todo: "Run apt-get update in the same RUN as apt-get install. Check the name of the package in this release of the \
               distribution.",
    },
    Rule {
        name: "pip-build",
        signs: &[
            has(&["failed building wheel for"]),
            has(&["could not build wheels for"]),
            has(&["metadata-generation-failed"]),
            has(&["subprocess-exited-with-error"]),
        ],
        takes: &[After("building wheel for "), After("build wheels for ")],
        what: "pip could not build the package {from its source}.",
        todo: "Use a version of the package that has a wheel for this version of Python, or install its compiler and \
               libraries with apt-get first.",
    },
    Rule {
        name: "out-of-memory",
        signs: &[
            has(&["exit code: 137"]),
            has(&["exit code 137"]),
            has(&["non-zero code: 137"]),
            has(&["exit status 137"]),
            has(&["oomkilled"]),
            has(&["out of memory"]),
            has(&["memoryerror"]),
            has(&["signal: killed"]),
        ],
        takes: &[],
        what: "A command of the build needed more memory than the builder has, and was killed.",
        todo: "Build with fewer processes at a time (for example MAX_JOBS=1), install packages as wheels, or use a larger \
               builder.",
    },
    Rule {
        name: "cancelled",
        signs: &[
            has(&["the operation was canceled"]),
            has(&["the run was canceled"]),
            has(&["run id:", "was canceled"]),
            has(&["context canceled"]),
        ],
        takes: &[],
        what: "The build was cancelled.",
        todo: "If nobody cancelled it, look for a newer run of the same branch, or for another job that failed.",
    },
    Rule {
        name: "python-error",
        signs: &[
            has(&["traceback (most recent call last)"]),
            has(&["modulenotfounderror:"]),
            has(&["importerror:"]),
            has(&["syntaxerror:"]),
            has(&["filenotfounderror:"]),
            has(&["indentationerror:"]),
        ],
        takes: &[],
        what: "A Python command of the Dockerfile raised an exception.",
        todo: "Read the last line of the exception, fix its cause, and run the command once on your machine.",
    },
    Rule {
        name: "command-missing",
        signs: &[
            has(&["exit code: 127"]),
            has(&["exit status 127"]),
            has(&["non-zero code: 127"]),
            has(&[": command not found"]),
            has(&["/bin/sh", ": not found"]),
        ],
        takes: &[Before(": command not found"), Before(": not found")],
        what: "A RUN in the Dockerfile starts {a command} that the image does not have.",
        todo: "Install the command in an earlier RUN, or check its name and the image's PATH.",
    },
    Rule {
        name: "command-failed",
        signs: &[
            has(&["did not complete successfully: exit code"]),
            has(&["returned a non-zero code"]),
            has(&["while running runtime: exit status"]),
            has(&["process completed with exit code"]),
            has(&["failed to run step id"]),
        ],
        takes: &[
            Between("process \"", "\" did not complete"),
            Between("the command '", "' returned"),
        ],
        what: "A command of the build failed: {the lines before this one say which}.",
        todo: "Read the lines before this one, fix the cause, and build again.",
    },
];
