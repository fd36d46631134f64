"""Two analysts at the same moment: one is saved, the other is told; on both databases."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Callable

import pytest

from engine import SYSTEM, Actor
from engine.errors import Conflict
from tests.web.two_steps import RESOURCES
from web import create_app, create_engine, create_schema
from web.settings import Settings
from web.studio.draft import NOTHING, Draft, revision

FORM = next(path for path in RESOURCES if path.startswith("forms/"))
ROUNDS = 6


@pytest.mark.parametrize("path", ["", FORM], ids=["new file", "published file"])
def test_of_two_saves_at_the_same_moment_one_is_told(database_url: str, tmp_path: pathlib.Path, path: str) -> None:
    settings = Settings(var=tmp_path, database_url=database_url, secret_key="s" * 40, processes=tmp_path)
    engine = create_engine(settings)
    create_schema(engine)
    app = create_app(settings, engine)
    engine.deploy(RESOURCES, by=SYSTEM)
    seen = revision(RESOURCES[path]) if path else NOTHING

    def save(name: str, where: str, seen: str) -> str:
        with app.app_context(), engine.transaction(Actor(name, frozenset({"analista"}))) as tx:
            return Draft(tx).save(where, f'{{"type": "default", "id": "{name}"}}'.encode(), seen)

    try:
        for number in range(ROUNDS):
            where = path or f"forms/nuevo_{number}.form"
            first, second = f"ana{number}", f"beto{number}"
            outcomes = _at_once(lambda: save(first, where, seen), lambda: save(second, where, seen))  # noqa: B023
            saved = [one for one in outcomes if isinstance(one, str)]
            assert len(saved) == 1, outcomes
            (told,) = [one for one in outcomes if not isinstance(one, str)]
            assert isinstance(told, Conflict), told
            assert told.details["who"] in (first, second)
            if path:
                seen = saved[0]
    finally:
        engine.adapters.close()
        engine.close()


def _at_once(*calls: Callable[[], str]) -> list[str | Exception]:
    barrier, outcomes = threading.Barrier(len(calls)), list[str | Exception]()

    def one(call: Callable[[], str]) -> None:
        barrier.wait()
        try:
            outcomes.append(call())
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
