"""Who acts, and the values that they hand over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = Any
"""A FEEL value. An alias for readers: Python's type system cannot say "recursively one of these"."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of the firm, a client in the portal, or the program itself."""

    id: str
    groups: frozenset[str] = frozenset()
    business_key: str | None = None
    """Set for a portal actor: the one business key (with those below it, `key/…`) that it may see."""

    def may_see(self, business_key: str) -> bool:
        """False when this actor is bound to another business key."""
        bound = self.business_key
        return bound is None or business_key == bound or business_key.startswith(bound + "/")


SYSTEM = Actor("system", frozenset({"system"}))
"""The program itself: timers, jobs, deployments at set-up."""
