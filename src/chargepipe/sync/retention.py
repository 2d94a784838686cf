"""Retention: what is kept for a while only."""

from datetime import datetime, timedelta

from chargepipe.store.models import Change
from chargepipe.sync.exact import EXPIRES_AFTER

KEPT_AFTER = timedelta(days=1)
"""How long the rows of an expired plan can still be looked at."""
AT_ONCE = 500


def forget_plans(now: datetime) -> None:
    """Remove what previews planned that expired a day ago; the runs themselves stay."""
    old = Change.objects.filter(
        run__kind="preview", state="planned", run__finished_at__lt=now - EXPIRES_AFTER - KEPT_AFTER
    )
    while ids := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        Change.objects.filter(pk__in=ids).delete()
