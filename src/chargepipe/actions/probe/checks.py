"""Every check of the probe, in the order of the assumptions' numbers."""

from chargepipe.actions.probe.chargebee_deleted import SOURCE_DELETED_CHECKS
from chargepipe.actions.probe.chargebee_lag import LAG_CHECKS
from chargepipe.actions.probe.chargebee_lists import SOURCE_LIST_CHECKS
from chargepipe.actions.probe.chargebee_money import MONEY_CHECKS
from chargepipe.actions.probe.chargebee_values import SOURCE_VALUE_CHECKS
from chargepipe.actions.probe.finding import Check
from chargepipe.actions.probe.pipedrive_fields import FIELD_CHECKS
from chargepipe.actions.probe.pipedrive_gone import GONE_CHECKS
from chargepipe.actions.probe.pipedrive_lists import LIST_CHECKS
from chargepipe.actions.probe.pipedrive_records import RECORD_CHECKS

_ALL = (
    *RECORD_CHECKS,
    *GONE_CHECKS,
    *LIST_CHECKS,
    *FIELD_CHECKS,
    *LAG_CHECKS,
    *SOURCE_LIST_CHECKS,
    *SOURCE_DELETED_CHECKS,
    *MONEY_CHECKS,
    *SOURCE_VALUE_CHECKS,
)
CHECKS: tuple[Check, ...] = tuple(sorted(_ALL, key=lambda check: check.number))
