"""Secrets at rest: a text column that is encrypted with the keys of this installation."""

import hmac
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class KeyMissing(Exception):
    """A stored secret cannot be read with the keys that this process has."""


def key_file() -> Path:
    """Where the keys lie when CHARGEPIPE_KEYS is not set."""
    return settings.PROCESS.home / "keys"


def _read_or_make_keys(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: of two processes that start at once only one makes the file.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        key = Fernet.generate_key().decode()
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _keys() -> list[str]:
    text = settings.PROCESS.keys or _read_or_make_keys(key_file())
    return text.replace(",", " ").split()


def signing_key() -> str:
    """What cookies and forms are signed with, made of the newest key.

    A new key in front signs everybody out.
    """
    newest = next(iter(_keys()), "")
    return hmac.new(newest.encode(), b"chargepipe signs", "sha256").hexdigest()


@lru_cache
def _box() -> MultiFernet:
    """The newest key first: it encrypts; all of them decrypt (rotation)."""
    try:
        return MultiFernet([Fernet(key) for key in _keys()])
    except ValueError:
        place = "CHARGEPIPE_KEYS" if settings.PROCESS.keys else f"The file {key_file()}"
        raise KeyMissing(
            f"{place} holds something that is no encryption key: a key has 44 letters and digits. "
            "Put the right keys there; without them, apply each connection again."
        ) from None


def seal(text: str) -> str:
    """A text as only this installation can read it again, for some minutes."""
    return _box().encrypt(text.encode()).decode()


def unseal(token: str, seconds: int) -> str:
    """The text of `seal`; "" where it is older than so many seconds, or none of ours."""
    try:
        return _box().decrypt(token.encode(), ttl=seconds).decode()
    except InvalidToken:
        return ""


class EncryptedTextField(models.TextField):
    """Text that the database sees only as a Fernet token."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in; blank stays blank."""
        return _box().encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        """Decrypt on the way out; raises KeyMissing when no key fits."""
        if not value:
            return ""
        try:
            return _box().decrypt(value.encode()).decode()
        except InvalidToken:
            raise KeyMissing(
                "A stored secret cannot be decrypted: the keys of this process are not those that "
                "wrote it. Set CHARGEPIPE_KEYS to the old keys, or apply the connection again."
            ) from None
