"""What FEEL refuses: a text that cannot be read, and an evaluation that cannot be finished.

Both carry a stable `reason` with `params`. The message is English, `spanish` is for analysts and in incidents.
A value of the wrong type is no error in FEEL: the standard (DMN 1.5, 10.3.2) makes it null.
"""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import EngineError
from engine.feel.spanish import said

MESSAGES = {
    # reading
    "character": "The character {found} means nothing here.",
    "instead": "Write {instead} and not {found}.",
    "string_open": "The text that starts here has no closing quotation mark.",
    "expected": "Expected {expected}, found {found}.",
    "left_over": "The expression ends before {found}; an operator or a comma may be missing.",
    "empty": "The expression is empty.",
    "temporal": "{text} is no date, time or duration.",
    "too_long": "The expression has more than {limit} characters.",
    "too_deep": "The expression is nested more than {limit} levels deep.",
    "pattern": "The regular expression {pattern} is not accepted: {problem}.",
    "duplicate_key": "The context has two entries named {name}.",
    "mixed_arguments": "Either all arguments of a call are named or none is.",
    # evaluating
    "steps": "The evaluation takes too long: more than {limit} steps.",
    "depth": "The evaluation is nested too deeply; a function may call itself without end.",
    "text": "A text would be longer than {limit} characters.",
    "items": "A list would have more than {limit} elements.",
    "nesting": "A value is nested more than {limit} levels deep.",
    "result": "The result has more than {limit} parts.",
    "unknown_function": "There is no function named {name}.",
    "function_failed": "The function {name} failed: {problem}.",
    "arguments": "The function {name} does not take these arguments; it takes ({parameters}).",
    "assertion": "The assertion failed: {cause}.",
    "no_clock": "{name}() is not available here: no time was given.",
    "value": "{type} is not a FEEL value.",
    "not_finite": "A number must be finite.",
    "json": "This is no JSON: {problem}.",
    "encoding": "This is not an encoded FEEL value: {found}.",
}


class FeelError(EngineError):
    """The expression could not be evaluated."""

    code: ClassVar[str] = "feel_error"
    status: ClassVar[int] = 422

    def __init__(self, reason: str, **params: Any) -> None:
        self.reason = reason
        self.params = params
        super().__init__(MESSAGES[reason].format(**params), reason=reason, **params)

    @property
    def spanish(self) -> str:
        """The message for people of the firm."""
        return said(self.reason, self.params)


class FeelSyntaxError(EngineError):
    """The expression cannot be read."""

    code: ClassVar[str] = "feel_syntax"
    status: ClassVar[int] = 422

    def __init__(self, reason: str, *, column: int, line: int, **params: Any) -> None:
        """`column` and `line` count from 1."""
        self.reason = reason
        self.params = params
        self.column = column
        self.line = line
        where = f"line {line}, column {column}" if line > 1 else f"column {column}"
        super().__init__(
            f"{MESSAGES[reason].format(**params)} ({where})", reason=reason, column=column, line=line, **params
        )

    @property
    def spanish(self) -> str:
        """The message for people of the firm."""
        where = f"línea {self.line}, columna {self.column}" if self.line > 1 else f"columna {self.column}"
        return f"{said(self.reason, self.params)} ({where})"
