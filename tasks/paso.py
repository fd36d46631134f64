"""What the firm's functions need of the step they run in: a handler's `Context` or an action's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel
from sqlalchemy.orm import Session

from engine.values import Actor


class Paso(Protocol):
    """`engine.handler.Context` and the `tx` of `engine.transaction` both fit. Nothing here leaves the transaction."""

    @property
    def session(self) -> Session: ...
    @property
    def now(self) -> datetime: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def adapters(self) -> Any: ...

    def schedule(self, topic: str, due: datetime, key: str, input: Mapping[str, Any] | None = None) -> None: ...

    def unschedule(self, key: str) -> None: ...


class Nada(BaseModel):
    """Input of a service task that needs none: the business key says which matter."""
