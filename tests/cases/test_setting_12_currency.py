"""Setting 12: amounts keep their own currency; one that Pipedrive does not have is an error."""

from story import Story


def swiss(story: Story) -> None:
    """Ada pays in francs, Bob in dollars; Pipedrive has no francs."""
    story.crm.currencies[:] = [row for row in story.crm.currencies if row["code"] != "CHF"]
    for name, currency in (("ada", "CHF"), ("bob", "USD")):
        story.customer(name)
        story.subscription(name, mrr=4900, currency_code=currency)


def test_an_amount_keeps_its_own_currency(story: Story):
    story.customer("ada")
    story.subscription("ada", mrr=4900, currency_code="CHF")
    story.full()
    story.shows("ada", {"CB Customer MRR": "49 CHF"})


def test_validation_warns_of_a_currency_that_pipedrive_lacks_and_stops_nobody(story: Story):
    swiss(story)
    assert story.goes("validate") == "2 unchanged"
    assert story.errors() == []
    assert "currency_missing ada" in story.errors("warning")


def test_in_a_sync_it_is_an_error_of_that_customer_alone(story: Story):
    swiss(story)
    assert story.full() == "1 created, 1 failed"
    assert story.errors() == ["currency_missing ada"]
    assert story.people() == ["bob@x.co"]


def test_once_pipedrive_has_the_currency_the_customer_syncs(story: Story):
    francs = next(row for row in story.crm.currencies if row["code"] == "CHF")
    swiss(story)
    story.full()
    story.crm.currencies.append(francs)
    assert story.hourly() == "1 created"
    story.shows("ada", {"CB Customer MRR": "49 CHF"})
    assert story.errors() == []


def test_a_currency_that_pipedrive_has_switched_off_is_one_that_it_does_not_have(story: Story):
    next(row for row in story.crm.currencies if row["code"] == "CHF")["active_flag"] = False
    story.customer("ada")
    story.subscription("ada", mrr=4900, currency_code="CHF")
    assert story.full() == "1 failed"
    assert story.errors() == ["currency_missing ada"]


def test_who_would_not_be_made_anyway_is_no_error_of_its_currency(story: Story):
    swiss(story)
    story.given(create_people=False)
    assert story.full() == "2 skipped"
    assert story.errors() == []
