"""Queries that are built once, and that SQLite's driver runs itself."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, bindparam, insert, literal, select
from sqlalchemy.exc import StatementError

from broadsheet.store import Store
from broadsheet.store.bulk import among
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import collection, reader

NOW = datetime(2025, 11, 20, 9, 0, 0, 1, tzinfo=UTC)
_c = collection.c


def _two_shelves(conn: Connection) -> None:
    who = {"name": "ada", "display": "", "email": None, "zone": "", "role": "reader", "created": NOW}
    conn.execute(insert(reader).values(id=1, **who))
    shelf = {"reader_id": 1, "note": "", "sharing": "lab", "created": NOW, "edited": NOW}
    conn.execute(insert(collection).values(id=7, name="Später", saved=False, secret=None, **shelf))
    conn.execute(insert(collection).values(id=8, name="Jetzt", saved=True, secret="s", **shelf))


def test_what_is_found_is_what_sqlalchemy_finds(store: Store) -> None:
    """Times, days, booleans, absent values and the query's own constants come back as they do from SQLAlchemy."""
    query = (
        select(_c.id, _c.saved, _c.secret, _c.created, literal("x").label("x"), literal(date(2025, 11, 20)), reader)
        .join_from(collection, reader)
        .where(_c.created == bindparam("at"), among(_c.name, "names"), _c.sharing == "lab")
        .order_by(_c.id)
        .limit(2)
    )
    asked = {"at": NOW, "names": ["Später", "Jetzt", "Nie"]}
    with store.writing() as conn:
        _two_shelves(conn)
        prepared = Prepared(query)
        found = [prepared.all(conn, **asked) for _ in range(2)]
        expected = conn.execute(query, asked).all()

    assert found == [expected, expected]
    assert (found[0][0].saved, found[0][0].secret, found[0][0].created) == (False, None, NOW)
    assert len(expected) == 2


def test_the_first_row_and_its_first_value_may_be_absent(store: Store) -> None:
    """One row, or one value, is None where nothing is found."""
    by_name = Prepared(select(_c.id, _c.name).where(_c.name == bindparam("name")))
    with store.writing() as conn:
        _two_shelves(conn)
        assert by_name.first(conn, name="Jetzt") == (8, "Jetzt")
        assert by_name.value(conn, name="Jetzt") == 8
        assert by_name.first(conn, name="Nie") is None
        assert by_name.value(conn, name="Nie") is None


def test_a_value_that_is_left_out_is_an_error(store: Store) -> None:
    """A query does not run without one of its values, as if that was empty."""
    by_name = Prepared(select(_c.id).where(_c.name == bindparam("name")))
    with store.reading() as conn, pytest.raises((KeyError, StatementError)):
        by_name.all(conn)
