"""Folios under a crowd: no number twice, none left out, on both databases."""

from concurrent.futures import ThreadPoolExecutor

from engine import SYSTEM, Engine
from tasks.folios import siguiente_folio
from tasks.registros import Base


def test_a_crowd_gets_each_number_once(database_url):
    engine = Engine(database_url)
    engine.create_schema()
    Base.metadata.create_all(engine.database)

    def tomar(_):
        with engine.transaction(SYSTEM) as tx:
            return siguiente_folio(tx.session, "PRO", 2027)

    with ThreadPoolExecutor(8) as gente:
        folios = list(gente.map(tomar, range(24)))
    engine.close()
    assert sorted(folios) == [f"PRO-2027-{n:04d}" for n in range(1, 25)]


def test_what_is_undone_is_not_taken(database_url):
    engine = Engine(database_url)
    engine.create_schema()
    Base.metadata.create_all(engine.database)
    try:
        with engine.transaction(SYSTEM) as tx:
            siguiente_folio(tx.session, "PRO", 2027)
            raise InterruptedError
    except InterruptedError:
        pass
    with engine.transaction(SYSTEM) as tx:
        assert siguiente_folio(tx.session, "PRO", 2027) == "PRO-2027-0001"
    engine.close()
