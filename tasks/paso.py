"""What the firm's functions need of the step they run in: a handler's `Context` or an action's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel
from sqlalchemy.orm import Session

from engine.values import Actor


class Paso(Protocol):
    """`engine.handler.Context` and `Accion` both fit. Nothing here leaves the transaction."""

    @property
    def session(self) -> Session: ...
    @property
    def now(self) -> datetime: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def adapters(self) -> Any: ...
    @property
    def business_key(self) -> str: ...

    def schedule(self, topic: str, due: datetime, key: str, input: Mapping[str, Any] | None = None) -> None: ...

    def unschedule(self, key: str) -> None: ...

    def send(
        self, message: str, business_key: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> None: ...


class Accion:
    """A `Paso` for what people do outside the flow: the transaction of `engine.transaction`, bound to one matter.

    So the same functions serve handlers and actions.
    """

    def __init__(self, tx: Any, business_key: str) -> None:
        self.tx = tx
        self.business_key = business_key
        """The matter's own key, without what hangs below it."""

    @property
    def session(self) -> Session:
        session: Session = self.tx.session
        return session

    @property
    def now(self) -> datetime:
        now: datetime = self.tx.now
        return now

    @property
    def actor(self) -> Actor:
        actor: Actor = self.tx.actor
        return actor

    @property
    def adapters(self) -> Any:
        return self.tx.engine.adapters

    def schedule(self, topic: str, due: datetime, key: str, input: Mapping[str, Any] | None = None) -> None:
        self.tx.schedule(topic, due, key, input, business_key=self.business_key)

    def unschedule(self, key: str) -> None:
        self.tx.unschedule(key, business_key=self.business_key)

    def send(
        self, message: str, business_key: str | None = None, variables: Mapping[str, Any] | None = None, **how: Any
    ) -> None:
        self.tx.send(message, business_key or self.business_key, variables, **how)


class Nada(BaseModel):
    """Input of a service task that needs none: the business key says which matter."""
