"""A console over a small world in which everything was synced once, and three people."""

import pytest
from django.test import Client

from chargepipe.store.models import Connection, User
from world import World


@pytest.fixture
def world(db: None) -> World:
    return World(customers=20)


@pytest.fixture
def acme(world: World) -> Connection:
    connection = world.connect()
    world.run(connection, "full")
    connection.refresh_from_db()
    return connection


def signed_in(role: str) -> Client:
    user, _ = User.objects.get_or_create(
        email=f"{role}@example.com", defaults={"role": role, "password": "!"}
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in("admin")
