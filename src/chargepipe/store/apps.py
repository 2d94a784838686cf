"""The Django app of the store."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Registers the models under the label `chargepipe_store`."""

    name = "chargepipe.store"
    label = "chargepipe_store"
