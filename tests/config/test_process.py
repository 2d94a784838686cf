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
