"""Assertions in these modules tell what they saw, as those of tests do."""

import pytest

pytest.register_assert_rewrite(
    "contract.npm_values", "contract.sdk_lists", "contract.sdk_walk", "contract.witness"
)
