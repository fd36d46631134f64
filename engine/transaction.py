"""One transaction: who acts, when, on which connection. Every verb is also a method of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Executable
from sqlalchemy.orm import Session

from engine.errors import EngineError, NotAllowed
from engine.values import SYSTEM, Actor, Value
from engine.verbs import Verbs

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.instance import Instance


class ReadingSession(Session):
    """The session of a reading transaction: a change would be lost at its end, so it is refused."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.deleted or any(self.is_modified(one) for one in self.dirty):
            raise EngineError("a reading transaction was asked to change something")


class Transaction(Verbs):
    """What happens in it commits as a whole or not at all. It locks one instance, before anything else of it.

    `session` is an ORM session on the same connection, for the tables of the firm and of the web; never commit it.
    """

    def __init__(self, engine: Engine, connection: Connection, actor: Actor, *, writes: bool) -> None:
        self.engine = engine
        self.connection = connection
        self.actor = actor
        self.writes = writes
        self.locked: dict[str, Instance] = {}
        self.last_lock = ""
        self.urgent: set[str] = set()
        """Instances that got jobs which the request thread should run right after the commit."""
        self.urgent_jobs: list[str] = []
        """Jobs without an instance of which the same is true."""
        self.order: str | None = None
        """The order of which everything that is done by hand here is a part."""
        self.followed = 0
        """How many of those jobs it has run."""
        self._session: Session | None = None

    @cached_property
    def now(self) -> datetime:
        """Business time, the same for all of this transaction."""
        return self.engine.clock.now(self.connection)

    @property
    def session(self) -> Session:
        if self._session is None:
            kind = Session if self.writes else ReadingSession
            self._session = kind(self.connection, expire_on_commit=False, info={"transaction": self})
        return self._session

    def flush(self) -> None:
        """Send what the session holds to the database, so that statements on the connection see it."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        # One that nobody has used (permissions get it, too) costs more to close than to forget.
        if self._session is not None and self._session.in_transaction():
            self._session.close()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """An exception inside undoes what was done inside, and only that."""
        with self.session.begin_nested():
            yield

    def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = self.connection.execute(statement, rows)
        return result

    def write(self) -> None:
        if not self.writes:
            raise EngineError("a reading transaction was asked to change something")

    # --- permissions

    def visible(self, business_key: ColumnElement[Any]) -> ColumnElement[bool]:
        return self.engine.access.visible(self.actor, business_key, self.now)

    def allow(self, verb: str, business_key: str | None = None) -> None:
        """Raises NotAllowed when the firm's rules do not let the actor use this verb here."""
        if self.actor is not SYSTEM and not self.engine.access.may(self.actor, verb, business_key, self.session):
            raise NotAllowed("No tiene permiso para hacer esto.", verb=verb, business_key=business_key)

    def allow_list(self, verb: str, business_key: str | None = None) -> None:
        """The same for a list, which holds only what is `visible`: a portal actor asks for its own matter's."""
        self.allow(verb, business_key if business_key is not None else self.actor.business_key)

    # --- requests: rows now, done in transactions of their own

    def schedule(
        self,
        topic: str,
        due: datetime | None = None,
        key: str | None = None,
        input: Mapping[str, Any] | None = None,
        *,
        business_key: str,
        instance_id: str | None = None,
    ) -> None:
        """A job of its own at `due` (business time; None: now). The same key of the same business key replaces the
        earlier one."""
        from engine import outbox

        outbox.schedule(self, topic, due, key, input, business_key=business_key, instance_id=instance_id)

    def unschedule(self, key: str, *, business_key: str) -> None:
        """Take a scheduled job back; nothing happens if there is none. A key ending in `*` takes back all that begin
        so."""
        from engine import outbox

        outbox.unschedule(self, key, business_key=business_key)

    def send(
        self,
        message: str,
        business_key: str,
        variables: Mapping[str, Value] | None = None,
        *,
        correlation: str | None = None,
        keep: str | None = None,
    ) -> None:
        """A message, delivered in a transaction of its own. Nobody waiting: no incident, unless `keep` lets it wait."""
        from engine import outbox

        outbox.request_message(self, message, business_key, variables, correlation=correlation, keep=keep)

    @contextmanager
    def _writing(self, by: Actor | None) -> Iterator[Transaction]:
        """A verb within a transaction is undone as a whole when it raises; whoever called it may go on."""
        self.write()
        if by is not None and by != self.actor:
            raise EngineError("a transaction has one actor")
        try:
            with self.savepoint():
                yield self
        except BaseException:
            # What the verb did to them in memory was undone in the database.
            self.locked.clear()
            raise

    @contextmanager
    def _reading(self, by: Actor | None) -> Iterator[Transaction]:
        yield self
