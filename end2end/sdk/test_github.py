"""Unmodified PyGithub against the emulated GitHub REST API."""

import re
import pathlib

import pytest
from github import Auth, Github, GithubException, UnknownObjectException

FILE = ".github/workflows/deploy.yml"


@pytest.fixture(scope="module")
def said(emulator):
    """The URLs and tokens that the emulator prints at its start."""
    text = pathlib.Path(emulator.log.name).read_text()
    words = {key: value for key, value in re.findall(r"^\s+(GitHub|repository|GitHub token)\s+(\S+)$", text, re.M)}
    return words


def client(said, token=None, **more):
    return Github(base_url=said["GitHub"], auth=Auth.Token(token or said["GitHub token"]), retry=None, **more)


@pytest.fixture(scope="module")
def repo(said):
    return client(said).get_repo(said["repository"])


def test_repository(repo):
    assert (repo.full_name, repo.default_branch, repo.private) == ("anet/ml-azua", "main", True)
    assert repo.owner.login == "anet" and repo.permissions.pull


def test_branches_and_tags(repo):
    assert [branch.name for branch in repo.get_branches()] == ["main", "shadow-nbq-2"]
    assert [tag.name for tag in repo.get_tags()] == ["v1.0.0", "v1.1.0"]
    head = repo.get_branch("main").commit.sha
    assert repo.get_git_ref("heads/main").object.sha == head
    assert {ref.ref for ref in repo.get_git_matching_refs("heads/")} == {"refs/heads/main", "refs/heads/shadow-nbq-2"}


def test_commits_page_by_page(said):
    # One item per page: the Link header leads through all pages.
    repo = client(said, per_page=1).get_repo(said["repository"])
    commits = list(repo.get_commits(sha="shadow-nbq-2"))
    assert len(commits) == 3
    assert [parent.sha for parent in commits[0].parents] == [commits[1].sha]
    assert commits[0].commit.author.name == "Dana Scott"
    assert [c.sha for c in repo.get_commits(sha="shadow-nbq-2", path="Dockerfile")] == [commits[2].sha]
    assert repo.get_commit("v1.1.0").sha == commits[1].sha


def test_contents(repo):
    main, branch = repo.get_contents(FILE), repo.get_contents(FILE, ref="shadow-nbq-2")
    assert b"deploy_realtime.yml@" in main.decoded_content
    assert b"shadow_deployment_name" not in main.decoded_content
    assert b"shadow_deployment_name" in branch.decoded_content
    assert main.sha != branch.sha and main.path == FILE and main.type == "file"
    folder = {entry.name: entry.type for entry in repo.get_contents("mlops/nbq")}
    assert folder["load_test.yml"] == "file" and folder["Dockerfile"] == "symlink"
    # GitHub resolves a symlink to a file in the repository.
    assert b"AS litserve" in repo.get_contents("mlops/nbq/Dockerfile").decoded_content


def test_tree_and_blob(repo):
    tree = repo.get_git_tree("main", recursive=True)
    files = {entry.path: entry for entry in tree.tree}
    assert files["mlops/nbq"].type == "tree" and files["mlops/nbq/Dockerfile"].mode == "120000"
    blob = repo.get_git_blob(files[FILE].sha)
    assert blob.encoding == "base64" and blob.size == files[FILE].size
    assert len(repo.get_git_tree("main").tree) < len(tree.tree)


def test_a_commit_moves_the_branch(repo):
    base = repo.get_branch("main").commit.sha
    repo.create_git_ref("refs/heads/pygithub", base)
    made = repo.create_file("notes/first.md", "Note it", "first", branch="pygithub")
    changed = repo.update_file(
        "notes/first.md", "Note it again", "second", made["content"].sha, branch="pygithub"
    )
    assert repo.get_branch("pygithub").commit.sha == changed["commit"].sha
    assert repo.get_contents("notes/first.md", ref="pygithub").decoded_content == b"second"
    with pytest.raises(GithubException) as error:
        repo.update_file("notes/first.md", "Too late", "x", made["content"].sha, branch="pygithub")
    assert error.value.status == 409
    with pytest.raises(UnknownObjectException):
        repo.get_contents("notes/first.md")


def test_refusals(said, repo):
    with pytest.raises(GithubException) as error:
        client(said, token="ghp_wrong").get_repo(said["repository"])
    assert (error.value.status, error.value.data["message"]) == (401, "Bad credentials")
    for ask in (lambda: repo.get_contents("nowhere"), lambda: repo.get_contents(FILE, ref="nowhere"),
                lambda: repo.get_branch("nowhere"), lambda: client(said).get_repo("anet/nowhere")):
        with pytest.raises(GithubException) as error:
            ask()
        assert error.value.status == 404
    with pytest.raises(GithubException) as error:
        repo.get_commit("nowhere")
    assert error.value.status == 422


def test_the_rate_limit_is_reported(said):
    github = client(said)
    github.get_repo(said["repository"])
    remaining, limit = github.rate_limiting
    assert limit == 5000 and 0 < remaining < limit
