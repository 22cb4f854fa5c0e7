"""The unmodified client of Key Vault's secrets, with its challenge."""

import datetime

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient

from emulator import RESOURCE_GROUP, SUBSCRIPTION, Credential
from plain_http import PlainHttp

VAULT = "kv-sdk-0001dev"
# The client itself checks that the challenge's resource is a part of this host.
VAULT_URL = f"https://{VAULT}.vault.azure.net"


class Scopes(Credential):
    """Remembers what the client asks tokens for."""

    def __init__(self):
        self.asked = []

    def get_token(self, *scopes, **kwargs):
        self.asked.append((scopes, kwargs.get("tenant_id")))
        return super().get_token(*scopes, **kwargs)


@pytest.fixture()
def credential():
    return Scopes()


@pytest.fixture()
def secrets(emulator, credential):
    return SecretClient(VAULT_URL, credential, transport=PlainHttp(emulator.url))


def test_the_challenge_names_the_tenant_and_the_scope(secrets, credential):
    secrets.set_secret("challenged", "one")
    (scopes, tenant), *_ = credential.asked
    assert scopes == ("https://vault.azure.net/.default",)
    assert tenant == "00000000-0000-4000-8000-0000000000aa"


def test_versions(secrets):
    first = secrets.set_secret("api-key-of-versions", "one", content_type="text/plain", tags={"team": "anet"})
    second = secrets.set_secret("api-key-of-versions", "two")
    assert first.properties.version != second.properties.version
    assert secrets.get_secret("api-key-of-versions").value == "two"
    old = secrets.get_secret("api-key-of-versions", first.properties.version)
    assert (old.value, old.properties.content_type, old.properties.tags) == ("one", "text/plain", {"team": "anet"})
    assert old.properties.vault_url == VAULT_URL
    assert old.properties.recovery_level == "Recoverable+Purgeable"
    versions = list(secrets.list_properties_of_secret_versions("api-key-of-versions"))
    assert {one.version for one in versions} == {first.properties.version, second.properties.version}
    expires = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)
    changed = secrets.update_secret_properties("api-key-of-versions", enabled=False, expires_on=expires)
    assert changed.expires_on == expires
    with pytest.raises(HttpResponseError) as refused:
        secrets.get_secret("api-key-of-versions")
    assert refused.value.status_code == 403


def test_lists_have_pages(secrets):
    for number in range(27):
        secrets.set_secret(f"page-{number:02}", "x")
    names = [one.name for one in secrets.list_properties_of_secrets() if one.name.startswith("page-")]
    assert names == [f"page-{number:02}" for number in range(27)]


def test_soft_deletion(secrets):
    secrets.set_secret("going", "one")
    secrets.begin_delete_secret("going", _polling_interval=0.1).wait()
    with pytest.raises(ResourceNotFoundError):
        secrets.get_secret("going")
    with pytest.raises(ResourceExistsError) as taken:
        secrets.set_secret("going", "two")
    assert taken.value.error.innererror["code"] == "ObjectIsDeletedButRecoverable"
    deleted = secrets.get_deleted_secret("going")
    assert deleted.scheduled_purge_date - deleted.deleted_date == datetime.timedelta(days=90)
    assert "going" in [one.name for one in secrets.list_deleted_secrets()]
    secrets.begin_recover_deleted_secret("going", _polling_interval=0.1).wait()
    assert secrets.get_secret("going").value == "one"
    secrets.begin_delete_secret("going", _polling_interval=0.1).wait()
    secrets.purge_deleted_secret("going")
    assert secrets.set_secret("going", "three").value == "three"


def test_a_vault_that_refuses(emulator, secrets):
    secrets.set_secret("kept", "one")
    switch = f"{emulator.url}/emulator/vaults/{VAULT}"
    requests.put(switch, json={"refuse": "policy"}, timeout=10).raise_for_status()
    try:
        with pytest.raises(HttpResponseError) as refused:
            secrets.get_secret("kept")
        assert refused.value.error.innererror["code"] == "ForbiddenByPolicy"
    finally:
        requests.put(switch, json={"refuse": None}, timeout=10).raise_for_status()
    assert secrets.get_secret("kept").value == "one"


def test_the_vault_in_arm_says_where_its_secrets_are(emulator, secrets):
    secrets.set_secret("by-path", "one")
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}"
    headers = {"Authorization": "Bearer made-up-token"}
    arm = f"{emulator.url}{group}/providers/Microsoft.KeyVault/vaults/{VAULT}?api-version=2023-07-01"
    uri = requests.get(arm, headers=headers, timeout=10).json()["properties"]["vaultUri"]
    secret = requests.get(f"{uri}secrets/by-path?api-version=7.5", headers=headers, timeout=10).json()
    assert secret["value"] == "one"
