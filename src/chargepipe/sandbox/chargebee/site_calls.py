"""Calls for what belongs to the site: settings, fields, currencies, moves, its catalog."""

from collections.abc import Callable

from ..messages import Answer, Handler, Request, Route, Row
from .catalog import addons, item_prices, items, plans
from .currencies import currencies
from .errors import not_found, refused
from .fields import PLAIN, Listed
from .plain import plain_list
from .schema import ITEMS, PLANS, form_of
from .site import Catalog
from .site_fields import ADDON, ITEM, ITEM_PRICE, MIGRATION, PLAN, TRANSFER
from .world import World

Rows = Callable[[], list[Row]]
_OFF = (
    "This API operation is not enabled for this site. "
    "Please contact support@chargebee.com to get this enabled"
)

OTHER_SITE = "other-test"
_MOVES = {"customer_moved_in": "moved_in", "customer_moved_out": "moved_out"}


class SiteCalls:
    """Lists that are short, and single rows of them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The calls."""
        return [
            Route("GET", "/configurations", self._configurations),
            Route("GET", "/custom_field_configs", self._custom_fields),
            Route("GET", "/currencies/list", self._lister("currency", currencies, PLAIN)),
            Route("GET", "/currencies/{id}", self._getter("currency", currencies)),
            Route("GET", "/business_entities/transfers", self._transfers),
            Route("GET", "/site_migration_details", self._migrations),
            *self._sold("item", "/items", items, (ITEM, ITEMS)),
            *self._sold("item_price", "/item_prices", item_prices, (ITEM_PRICE, ITEMS)),
            *self._sold("plan", "/plans", plans, (PLAN, PLANS)),
            *self._sold("addon", "/addons", addons, (ADDON, PLANS)),
        ]

    def _configurations(self, _: Request) -> Answer:
        """What kind of site this is. That a site in coexistence says v2 is our reading."""
        catalog = self._world.site.catalog
        site = {
            "domain": self._world.site.domain,
            "product_catalog_version": "v1" if catalog == "v1" else "v2",
            "chargebee_response_schema_type": form_of(catalog, None),
            "object": "configuration",
        }
        return Answer(200, {"configurations": [site]})

    def _custom_fields(self, request: Request) -> Answer:
        params = request.params
        entity = params.pop("entity_type", None)
        rows = self._world.custom.configs()
        if entity is not None:
            rows = [row for row in rows if row["entity_type"] == entity]
        return plain_list("custom_field_config", rows, PLAIN, params, self._world)

    def _transfers(self, request: Request) -> Answer:
        kind = "business_entity_transfer"
        rows = [row for _, row in self._world.billing.shelves[kind].listed.rows()]
        return plain_list(kind, rows, TRANSFER, request.params, self._world)

    def _migrations(self, request: Request) -> Answer:
        events = self._world.billing.shelves["event"].rows()
        rows = [row for event in events if (row := _migration(event))]
        return plain_list("site_migration_detail", rows, MIGRATION, request.params, self._world)

    def _sold(
        self, kind: str, path: str, rows: Rows, terms: tuple[Listed, tuple[Catalog, ...]]
    ) -> list[Route]:
        """The calls of one kind of the catalog; 400 on a site with the other catalog."""
        listed, catalogs = terms
        return [
            Route("GET", path, self._only_on(catalogs, self._lister(kind, rows, listed))),
            Route("GET", path + "/{id}", self._only_on(catalogs, self._getter(kind, rows))),
        ]

    def _only_on(self, catalogs: tuple[Catalog, ...], handler: Handler) -> Handler:
        def answer(request: Request) -> Answer:
            if self._world.site.catalog in catalogs:
                return handler(request)
            raise refused(400, "configuration_incompatible", _OFF, error_code="pc2_to_pc1_error")

        return answer

    def _lister(self, kind: str, rows: Rows, listed: Listed) -> Handler:
        return lambda request: plain_list(kind, rows(), listed, request.params, self._world)

    def _getter(self, kind: str, rows: Rows) -> Handler:
        def answer(request: Request) -> Answer:
            wanted = request.parts["id"]
            for row in rows():
                if row["id"] == wanted:
                    return Answer(200, {kind: row})
            raise not_found(kind, wanted)

        return answer


def _migration(event: Row) -> Row | None:
    """The row of GET /site_migration_details that a move left; ids stay the same here."""
    status = _MOVES.get(event["event_type"])
    if status is None:
        return None
    customer_id = event["content"]["customer"]["id"]
    return {
        "entity_id": customer_id,
        "other_site_name": OTHER_SITE,
        "entity_id_at_other_site": customer_id,
        "migrated_at": event["occurred_at"],
        "entity_type": "customer",
        "status": status,
        "object": "site_migration_detail",
    }
