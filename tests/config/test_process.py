"""What the environment may say."""

from pathlib import Path

import pytest

from chargepipe.config.process import read_environment


def test_nothing_set_takes_the_defaults():
    process = read_environment({})
    assert process.home == Path("~/.local/share/chargepipe").expanduser()
    assert process.database_url.startswith("sqlite:////")
    assert (process.settle_seconds, process.lease_seconds) == (120.0, 30.0)


@pytest.mark.parametrize("text", ["soon", "0", "-3"])
def test_a_wrong_number_is_refused_in_words(text: str):
    with pytest.raises(ValueError, match="CHARGEPIPE_LEASE_SECONDS"):
        read_environment({"CHARGEPIPE_LEASE_SECONDS": text})


def test_the_journal_is_kept_for_400_days_unless_told_otherwise():
    assert read_environment({}).keep_days == 400
    assert read_environment({"CHARGEPIPE_KEEP_DAYS": "90"}).keep_days == 90
    assert read_environment({"CHARGEPIPE_KEEP_DAYS": "0"}).keep_days == 0


@pytest.mark.parametrize("text", ["a year", "6", "-1", "1.5"])
def test_a_time_to_keep_that_is_too_short_is_refused_in_words(text: str):
    with pytest.raises(ValueError, match=r"CHARGEPIPE_KEEP_DAYS is .*7 or more, or 0"):
        read_environment({"CHARGEPIPE_KEEP_DAYS": text})
