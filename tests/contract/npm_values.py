"""What Pipedrive's npm client told of each step, compared with what the account holds."""

from typing import Any

from chargepipe.sandbox.pipedrive.crm import Crm

Seen = dict[str, Any]


def account(seen: Seen, crm: Crm) -> None:
    assert seen["me"] == crm.me
    assert [user["id"] for user in seen["users"]] == [user["id"] for user in crm.users]
    assert seen["permissions"]["can_add_custom_fields"] is True
    assert seen["currencies"] == crm.currencies
    assert [row["code"] for row in seen["euro"]] == ["EUR"]


def pipelines(seen: Seen, crm: Crm) -> None:
    assert seen["rows"] == list(crm.pipelines)
    assert seen["one"] == seen["rows"][0]


def stages(seen: Seen, crm: Crm) -> None:
    assert seen["rows"] == list(crm.stages)
    assert (seen["one"], seen["pages"]) == (seen["rows"][1], -(-len(seen["rows"]) // 2))


def fields(seen: Seen, crm: Crm) -> None:
    for entity, walked in seen.items():
        labels = [option["label"] for option in walked["one"]["options"]]
        assert labels == ["One", "Two", "Drei"], entity
        assert walked["changed"]["field_name"] == "Walked"
        assert walked["pages"] > 1
        assert walked["after"]["success"] is False
        codes = {row["field_code"] for row in walked["rows"]}
        assert walked["created"]["field_code"] in codes


def persons(seen: Seen, crm: Crm) -> None:
    created = seen["created"]["id"]
    _records(seen, crm.person)
    assert seen["one"]["emails"] == [
        {"value": "ada@walk.example", "primary": True, "label": "work"}
    ]
    assert (seen["one"]["first_name"], seen["one"]["last_name"]) == ("Ada", "King")
    assert list(seen["one"]["custom_fields"].values()) == ["walked"]
    assert [hit["id"] for hit in seen["found"]["hits"]] == [created]
    assert created in seen["each"][f"org_id={seen['one']['org_id']}"]
    assert [created] in seen["each"].values(), "deal_id"


def organizations(seen: Seen, crm: Crm) -> None:
    _records(seen, crm.organization)
    assert seen["one"]["address"]["value"] == "Main Street 1, Berlin"
    assert seen["one"]["name"] == "Walk Company"
    assert [hit["id"] for hit in seen["found"]["hits"]] == [seen["created"]["id"]]


def merged_records(seen: Seen, crm: Crm) -> None:
    for kind, find in (("person", crm.person), ("organization", crm.organization)):
        walked = seen[kind]
        assert walked["merged"]["id"] == walked["winner"] == find(walked["winner"])["id"]
    assert seen["person"]["merged"]["merge_what_id"] == seen["person"]["loser"]
    assert seen["person"]["after"]["success"] is False


def deals(seen: Seen, crm: Crm) -> None:
    created = seen["created"]["id"]
    assert (seen["won"]["status"], seen["won"]["won_time"] is None) == ("won", False)
    assert (seen["lost"]["status"], seen["lost"]["lost_reason"]) == ("lost", "not paid")
    assert (seen["open"]["status"], seen["open"]["lost_reason"]) == ("open", None)
    assert (seen["one"]["value"], seen["one"]["currency"]) == (12.5, "EUR")
    assert [hit["id"] for hit in seen["found"]] == [created]
    assert (seen["archived"]["is_archived"], seen["gone"]) == (True, [])
    assert created in seen["listed"]["limit=3"]
    assert created not in seen["each"]["status=won"]
    for row in seen["rows"]:
        if row["id"] not in (created,):
            assert crm.deal(row["id"])["title"] == row["title"]


def products(seen: Seen, crm: Crm) -> None:
    assert seen["deal"]["value"] == 27.5
    assert seen["removed"] == [row["id"] for row in seen["listed"]["rows"]]
    assert seen["free"]["value"] == 7 == crm.deal(seen["deal"]["id"])["value"]
    assert (len(seen["listed"]["rows"]), seen["listed"]["pages"]) == (3, 3)
    assert "products attached" in seen["locked"]["error"]


def merged_deals(seen: Seen, crm: Crm) -> None:
    assert seen["merged"]["id"] == seen["winner"] == crm.deal(seen["winner"])["id"]
    assert seen["after"]["success"] is False


def webhooks(seen: Seen, crm: Crm) -> None:
    assert [row["id"] for row in seen["listed"]] == [seen["created"]["id"]]
    assert (seen["deleted"]["success"], seen["after"]) == (True, [])


def oauth(seen: Seen, crm: Crm) -> None:
    token, refreshed = seen["token"], seen["refreshed"]
    assert token["token_type"] == "Bearer"
    assert token["access_token"] != refreshed["access_token"]
    assert token["refresh_token"] == refreshed["refresh_token"]
    assert seen["me"]["id"] == crm.me["id"]
    assert seen["first"][0]["id"] == 1
    assert seen["dead"]["errorCode"] == 401
    assert seen["bad"]["error"] == "invalid_grant"


def _records(seen: Seen, find: Any) -> None:
    """Every page was of seven, every row is the record; what was deleted is gone."""
    rows, created = seen["rows"], seen["created"]["id"]
    assert seen["pages"] == -(-len(rows) // 7)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    for row in rows:
        if row["id"] != created:
            assert find(row["id"]) | {"update_time": ""} == row | {"update_time": ""}
    assert created in seen["each"]["sort_direction=desc"]
    assert (seen["deleted"]["id"], seen["after"]["success"]) == (created, False)


CHECKS = {
    "account": account,
    "pipelines": pipelines,
    "stages": stages,
    "fields": fields,
    "persons": persons,
    "organizations": organizations,
    "mergedRecords": merged_records,
    "deals": deals,
    "products": products,
    "mergedDeals": merged_deals,
    "webhooks": webhooks,
    "oauth": oauth,
}
"""What each step has to have seen, by its name in walk.mjs."""
