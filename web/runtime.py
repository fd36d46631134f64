"""The engine of this application, and reading from it for a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from engine.values import SYSTEM, Actor
from web.permissions import actor
from web.settings import Settings

if TYPE_CHECKING:
    from engine import Engine
    from engine.transaction import Transaction


def engine() -> Engine:
    """The engine that the composition root made."""
    return cast("Engine", current_app.extensions["engine"])


def settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def now() -> datetime:
    """Business time."""
    with engine().reading(SYSTEM) as tx:
        return tx.now


@contextmanager
def reading(by: Actor | None = None) -> Iterator[Transaction]:
    """A transaction that only reads, as the signed-in person (or `by`); the page then knows the business time."""
    with engine().reading(by or actor()) as tx:
        g.now = tx.now
        yield tx
