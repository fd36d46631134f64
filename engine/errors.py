"""Everything that a verb of the engine may refuse or fail with.

The docstring of a class is its default message; `code` is stable and part of the interface; `status` is the HTTP
status that `web/` answers with. Nothing else is raised on purpose by `engine/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from engine.values import Finding


class EngineError(Exception):
    """The engine could not do what was asked."""

    code: ClassVar[str] = "engine_error"
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details = details
        super().__init__(self.message)


class NotFound(EngineError):
    """There is nothing with this id, or you may not know of it."""

    code = "not_found"
    status = 404


class NotAllowed(EngineError):
    """You may not do this."""

    code = "not_allowed"
    status = 403


class Invalid(EngineError):
    """Some values are not accepted; each field says why."""

    code = "invalid"
    status = 422

    def __init__(self, fields: Mapping[str, str] | None = None, message: str | None = None, **details: Any) -> None:
        """`fields`: dotted path of the form field → sentence for the person. The key "" holds what concerns no single
        field."""
        self.fields = dict(fields or {})
        super().__init__(message or "; ".join(self.fields.values()) or None, **details)


class Conflict(EngineError):
    """Somebody else, or time, was faster.

    `details` may hold `who` (actor id), `when` (datetime) and `reason` ("completed", "cancelled", "lapsed",
    "suspended", "stale").
    """

    code = "conflict"
    status = 409


class Raced(Conflict):
    """Somebody else was faster by a moment; the same request again is enough."""


class DeployRejected(EngineError):
    """The models have findings that forbid their deployment."""

    code = "deploy_rejected"
    status = 422

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in findings) or None)


class ModelError(DeployRejected):
    """This file cannot be read as the model that it claims to be."""

    code = "model_unreadable"


class FormError(ModelError):
    """This file cannot be read as a form."""

    code = "form_unreadable"


class ProcessFailed(EngineError):
    """The process instance could not go on from here; nothing was changed."""

    code = "process_failed"
    status = 500

    def __init__(self, message: str | None = None, *, element_id: str | None = None, **details: Any) -> None:
        self.element_id = element_id
        super().__init__(message, element_id=element_id, **details)
