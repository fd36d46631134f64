"""What a verb runs in: a transaction that reads, or one that writes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from engine.values import Actor

if TYPE_CHECKING:
    from engine.transaction import Transaction

By = Actor | None


class Opening:
    """Whoever has verbs says how the transaction of one is opened: `Engine` with its own, `Transaction` with itself."""

    def _writing(self, by: By) -> AbstractContextManager[Transaction]:
        raise NotImplementedError

    def _reading(self, by: By) -> AbstractContextManager[Transaction]:
        raise NotImplementedError
