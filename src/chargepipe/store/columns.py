"""Rows without objects: some columns of many rows, each row with values of its own."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def save_columns(rows: Sequence[Model], names: Sequence[str]) -> None:
    """One UPDATE a row, all sent together.

    It costs a fraction of `bulk_update`, which makes an expression of every value, and of an
    upsert by `bulk_create`, which sends every column.
    """
    if not rows:
        return
    meta: Any = type(rows[0])._meta
    quote = connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    where = f"{quote(meta.db_table)} SET {columns} WHERE {quote(meta.pk.column)} = %s"
    values = [
        [*(f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {where}", values)


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One INSERT a row, all sent together; `names` are attributes such as account_id.

    It costs a fraction of `bulk_create`, and gives no keys back.
    """
    meta: Any = model._meta
    quote = connection.ops.quote_name
    fields = [next(f for f in meta.concrete_fields if f.attname == name) for name in names]
    columns = ", ".join(quote(field.column) for field in fields)
    into = f"{quote(meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"
    values = [
        [f.get_db_prep_save(value, connection) for f, value in zip(fields, row, strict=True)]
        for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {into}", values)


def insert_objects(objects: Sequence[Model]) -> None:
    """Insert new objects of one model, as `insert_rows` does: they do not learn their keys."""
    if objects:
        model: Any = type(objects[0])
        fields = model._meta.concrete_fields
        names = [f.attname for f in fields if not f.primary_key and not f.generated]
        insert_rows(model, names, ([getattr(each, n) for n in names] for each in objects))
