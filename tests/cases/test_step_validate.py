"""Section 2, step 3, validate: findings that block, findings that only warn; nothing is written."""

from story import Story

from chargepipe.actions import error_csv, errors


def test_it_reads_every_customer_and_writes_nothing(story: Story):
    for name in ("ada", "bob", "cem"):
        story.customer(name)
    assert story.goes("validate") == "3 unchanged"
    assert (story.wrote(), story.people()) == ([], [])


def test_what_blocks_stands_in_the_error_list(story: Story):
    story.given(organizations=True, customers="with_subscriptions")
    for name in ("keyless", "twice", "firms", "idle"):
        story.customer(
            name,
            company="Acme" if name == "firms" else None,
            **({"email": None} if name == "keyless" else {}),
        )
        if name != "idle":
            story.subscription(name)
    for name in ("X", "Y"):
        story.has_person(name, email="twice@x.co")
        story.has_organization("Acme")
    assert story.goes("validate") == "4 failed"
    assert story.errors() == [
        "ambiguous_organization firms",
        "ambiguous_person twice",
        "no_match_key keyless",
        "no_subscription idle",
    ]


def test_what_blocks_is_not_synced_and_the_others_are(story: Story):
    story.customer("keyless", email=None)
    story.customer("ada")
    assert story.full() == "1 created, 1 failed"
    assert story.people() == ["ada@x.co"]


def test_two_customers_that_share_a_key_are_a_warning_each_and_sync_in_turn(story: Story):
    for name in ("ada", "bob"):
        story.customer(name, email="both@x.co", first_name=name.title())
    story.goes("validate")
    assert story.errors() == []
    assert {"shared_key ada", "shared_key bob"} < set(story.errors("warning"))
    assert story.full() == "1 created, 1 updated"
    assert story.people() == ["Bob"]


def test_what_it_would_cost_is_told_with_the_warnings_and_in_the_csv(story: Story):
    story.customer("ada")
    story.goes("validate")
    assert story.errors("warning") == ["cost acme"]
    (cost,) = list(error_csv.csv("acme", ("open", "warning")))[1:]
    assert "tokens" in cost


def test_warnings_stop_nobody_and_are_in_no_count_of_errors(story: Story):
    for name in ("ada", "bob"):
        story.customer(name, email="both@x.co")
    story.goes("validate")
    assert story.last is not None
    assert (story.last.counts["failed"], story.last.counts["errors_open"]) == (0, 0)


def test_findings_can_be_ignored_and_one_goes_on(story: Story):
    story.customer("keyless", email=None)
    story.customer("ada")
    story.goes("validate")
    errors.ignore("acme", None)
    assert story.full() == "1 created, 1 skipped"
    assert story.errors() == []


def test_the_csv_has_a_line_for_each_finding_and_leaves_ignored_ones_out(story: Story):
    for name in ("ada", "bob"):
        story.customer(name, email=None)
    story.goes("validate")
    assert len(list(error_csv.csv("acme"))) == 1 + 2
    errors.ignore("acme", [errors.listing("acme")[0].pk])
    assert len(list(error_csv.csv("acme"))) == 1 + 1


def test_a_finding_whose_cause_is_gone_is_over(story: Story):
    story.customer("ada", email=None)
    story.goes("validate")
    story.changes("ada", email="ada@x.co")
    story.goes("validate")
    assert (story.errors(), story.errors("resolved")) == ([], ["no_match_key ada"])
