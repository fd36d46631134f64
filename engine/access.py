"""Who may see and do what: the engine asks, `tasks/` answers. Default deny."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import Session

from engine.values import Actor


class Access(Protocol):
    """The firm's rules. Every verb, list, count, history and file passes through both methods."""

    def visible(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
        """SQL condition on a business key column: the rows that `actor` may know of at `now` (business time; what a
        person may see can end by itself, as a substitution does)."""
        ...

    def may(self, actor: Actor, verb: str, business_key: str | None, session: Session) -> bool:
        """Whether `actor` may use `verb` (the name of the method of `Engine`) on this business key.

        `task_of_others`: read the form of a user task that is neither the actor's nor of one of their groups.
        That a user task's candidate group and assignee are respected is the engine's own rule, on top of this one.
        """
        ...


class OpenAccess:
    """Everybody of the firm may do everything; a portal actor only what concerns its own business key.

    For one-person firms, command line and benchmarks; a firm with rules implements `Access`.
    """

    def visible(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
        if actor.business_key is None:
            return true() if actor.groups else false()
        below = actor.business_key + "/"
        # The range finds the keys below through the index, where LIKE could not.
        return or_(
            business_key == actor.business_key,
            (business_key >= below) & (business_key < actor.business_key + "0"),
        )

    def may(self, actor: Actor, verb: str, business_key: str | None, session: Session) -> bool:
        if not actor.groups:
            return False
        return actor.business_key is None or (business_key is not None and actor.may_see(business_key))
