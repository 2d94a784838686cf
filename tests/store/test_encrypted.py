"""Secrets at rest."""

import stat

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from chargepipe.store import encrypted
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Connection, Secrets

pytestmark = pytest.mark.django_db


def store(token: str) -> None:
    connection = Connection.objects.create(name="c", file={}, site="s")
    Secrets.objects.create(connection=connection, pipedrive_token=token)


def test_a_secret_is_readable_by_us_and_not_in_the_database():
    store("top-secret")
    assert Secrets.objects.get().pipedrive_token == "top-secret"
    with database.cursor() as cursor:
        cursor.execute("SELECT pipedrive_token FROM chargepipe_store_secrets")
        (raw,) = cursor.fetchone()
    assert "top-secret" not in raw


def test_the_key_file_is_for_its_owner_alone():
    store("x")
    assert stat.S_IMODE(encrypted.key_file().stat().st_mode) == 0o600


def test_another_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    store("x")
    other = encrypted.MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(encrypted, "_box", lambda: other)
    with pytest.raises(KeyMissing, match="CHARGEPIPE_KEYS"):
        Secrets.objects.get()
