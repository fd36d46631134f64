"""How the firm's Python meets the diagram: handlers of service tasks, handlers of user tasks, functions of FEEL.

A handler is a plain function with typed input and output; the decorator only notes it down, so it is called and tested
without the engine. Handlers of one program are collected by importing their modules; a second handler for one topic is
refused at import, an unknown topic in a diagram at deployment.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, get_args, get_type_hints

from pydantic import BaseModel
from sqlalchemy.orm import Session

from engine.values import Actor, DecisionResult, UserTask, Value

FORM = "*"
"""In `gives` of a handler of user tasks: every value of the form that the diagram names."""
F = TypeVar("F", bound=Callable[..., Any])


class BpmnError(Exception):
    """A business failure with a code, caught by an error boundary event of the diagram; not a fault of the program."""

    def __init__(self, code: str, message: str = "", **variables: Value) -> None:
        self.code = code
        self.message = message
        self.variables = variables
        super().__init__(f"{code}: {message}" if message else code)


class Context(Protocol):
    """What a handler gets beside its input. Everything it does through this commits, or not, with the step itself."""

    session: Session
    """ORM session on the transaction's own connection. Never commit it."""
    instance_id: str | None
    business_key: str
    element_id: str | None
    idempotency_key: str
    """Stable over every repeat of this job or user task."""
    actor: Actor
    now: datetime
    """Business time, aware, UTC."""
    entered_at: datetime
    """Business time at which the element was entered."""
    variables: Mapping[str, Value]
    """Process variables as seen from the element; read-only."""
    adapters: Any
    """What the composition root gave to `Engine(adapters=…)`."""
    task: UserTask | None
    """The user task, in handlers of user tasks."""

    def resource(self, name: str) -> bytes:
        """A file of the same bundle, e.g. `mail/cor_01_informacion.j2`. Raises NotFound."""
        ...

    def resources(self, prefix: str) -> Mapping[str, bytes]:
        """All files of the same bundle below a folder, by full name."""
        ...

    def evaluate(self, expression: str, variables: Mapping[str, Value] | None = None) -> Value: ...

    def decide(self, decision_id: str, inputs: Mapping[str, Value]) -> DecisionResult:
        """Evaluate a decision of the same bundle; noted in the history."""
        ...

    def schedule(self, topic: str, due: datetime, key: str, input: Mapping[str, Any] | None = None) -> None:
        """A job of its own at `due` (business time). The same key of the same business key replaces the earlier one."""
        ...

    def unschedule(self, key: str) -> None:
        """Take a scheduled job back; nothing happens if there is none. A key ending in `*` takes back all that begin
        so."""
        ...

    def send(
        self,
        message: str,
        business_key: str | None = None,
        variables: Mapping[str, Value] | None = None,
        *,
        correlation: str | None = None,
        keep: str | None = None,
    ) -> None:
        """A message, delivered in a transaction of its own. Nobody waiting: «nadie esperaba» in the history, no
        incident, unless `keep` (a duration such as `P7D`) lets it wait for a receiver."""
        ...

    def start(self, process_key: str, business_key: str, variables: Mapping[str, Value] | None = None) -> None:
        """Start another process instance, in a transaction of its own; once for each process and business key."""
        ...

    def assign(self, task_id: str, assignee: str | None, reason: str = "") -> None:
        """Give an open user task to a person, or (None) back to its candidates. Only in a scheduled job that belongs to
        no instance: a step must not change what others hold. Raises Conflict when the task is no longer open."""
        ...

    def note(self, kind: str, **details: Any) -> None:
        """Add a line to the history of this instance."""
        ...


class Outside(Protocol):
    """What an `outside` handler gets while no transaction is open."""

    idempotency_key: str
    adapters: Any

    def resources(self, prefix: str) -> Mapping[str, bytes]: ...


@dataclass(frozen=True, slots=True)
class ServiceTaskHandler:
    topic: str
    function: Callable[..., Any]
    retries: int
    backoff: tuple[str, ...]
    outside: bool
    prepare: Callable[..., Any] | None
    finish: Callable[..., Any] | None
    input: Any
    """Type of the first parameter (a pydantic model, or `dict`)."""
    output: Any


@dataclass(frozen=True, slots=True)
class UserTaskHandler:
    topic: str
    function: Callable[..., Any]
    prepare: Callable[..., Any] | None
    input: Any
    output: Any
    gives: tuple[str, ...] | None = None
    """Names of the process variables that it may return; None: it does not say."""
    reads: frozenset[str] | None = None
    """Keys of its form that it reads under names that it computes; None: it does not say."""


@dataclass(frozen=True, slots=True)
class FeelFunction:
    name: str
    parameters: tuple[str, ...]
    function: Callable[..., Value]
    documentation: str
    optional: int = 0
    """How many of the last parameters may be left out."""
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Parameter → the only texts that mean something there: another one, written out in a model, is refused."""


def service_task(
    topic: str,
    *,
    retries: int = 3,
    backoff: Sequence[str] = ("PT1M", "PT5M", "PT30M"),
    outside: bool = False,
    prepare: Callable[..., Any] | None = None,
    finish: Callable[..., Any] | None = None,
) -> Callable[[F], F]:
    """Declare the handler of a service task or of a scheduled job.

    Inside (default): `function(job, ctx: Context) -> output` runs in the transaction that completes the element.
    Outside: `prepare(job, ctx) -> payload` runs in the transaction that takes the lease; `function(payload,
    outside: Outside) -> result` runs with no transaction open, at least once with the same idempotency key;
    `finish(job, result, ctx) -> output` runs in the completing transaction. Without `prepare` the payload is the job's
    input, without `finish` the output is the result.

    `retries` counts the repeats after the first attempt, `backoff` holds the ISO 8601 duration before each; the
    diagram's own value wins.
    """

    def declare(function: F) -> F:
        # What `finish` returns is what goes into the process.
        types, outputs = _types(prepare or function), _types(finish or function)
        function.cauce = ServiceTaskHandler(  # type: ignore[attr-defined]
            topic, function, retries, tuple(backoff), outside, prepare, finish, types[0], outputs[1]
        )
        return function

    return declare


def user_task(
    topic: str,
    *,
    prepare: Callable[..., Any] | None = None,
    gives: Sequence[str] | None = None,
    reads: Sequence[str] | None = None,
) -> Callable[[F], F]:
    """Declare the handler of a user task, named in the diagram by the header `handler`.

    `prepare(ctx) -> dict` gives what the form shows and offers: prefilled values under the keys of the fields, option
    lists under the `valuesKey`s, texts for its expressions. `function(values, ctx) -> dict | None` gets the validated
    values in the completing transaction, writes the firm's records and returns the process variables; what it does not
    return does not enter the process. It refuses by raising `Invalid({field: sentence})`, `NotAllowed` or `Conflict`.

    `gives` names every variable that it may return, so that the studio can offer them and say which names nothing
    gives; returning another one is a fault of the program (TypeError). `FORM` among them stands for the form's values.

    `reads` names the keys of the form that it reads under names that it computes (`values[name]` in a loop); what it
    reads by name, its source says. So the studio can tell which fields of a form nobody keeps.

    A user task without a handler gives all its values to the process (BPMN's own meaning).
    """

    def declare(function: F) -> F:
        function.cauce = UserTaskHandler(  # type: ignore[attr-defined]
            topic,
            function,
            prepare,
            *_types(function),
            None if gives is None else tuple(gives),
            None if reads is None else frozenset(reads),
        )
        return function

    return declare


def feel_function(
    name: str, *, optional: int = 0, known: Mapping[str, Collection[str]] | None = None
) -> Callable[[F], F]:
    """Declare a function that FEEL expressions of the models may call: `function(ctx: Context, *arguments) -> value`.

    Its docstring is what an analyst reads in the studio. Names are one word. `known` names, for a parameter, the texts
    that mean something there, so that a model that writes out another one is refused before anybody waits.
    """

    def declare(function: F) -> F:
        parameters = tuple(inspect.signature(function).parameters)[1:]
        function.cauce = FeelFunction(  # type: ignore[attr-defined]
            name, parameters, function, inspect.getdoc(function) or "", optional, known or {}
        )
        return function

    return declare


def given_by(handler: ServiceTaskHandler | UserTaskHandler) -> frozenset[str] | None:
    """Names of the process variables that a handler may give; None when it does not say."""
    if isinstance(handler, UserTaskHandler):
        return None if handler.gives is None else frozenset(handler.gives)
    names: set[str] = set()
    for one in get_args(handler.output) or (handler.output,):
        if isinstance(one, type) and issubclass(one, BaseModel):
            names |= set(one.model_fields)
        elif one not in (None, type(None)):
            return None
    return frozenset(names)


def declared(*modules: Any) -> list[ServiceTaskHandler | UserTaskHandler | FeelFunction]:
    """Everything declared in these modules, in order of definition.

    Raises ValueError when a topic or function name is declared twice.
    """
    found: dict[tuple[str, str], ServiceTaskHandler | UserTaskHandler | FeelFunction] = {}
    for module in modules:
        for value in vars(module).values():
            item = getattr(value, "cauce", None)
            if item is None or getattr(value, "__module__", None) != module.__name__:
                continue
            name = item.name if isinstance(item, FeelFunction) else item.topic
            kind = type(item).__name__
            if (kind, name) in found:
                raise ValueError(f"{kind} {name!r} is declared twice, the second time in {module.__name__}")
            found[kind, name] = item
    return list(found.values())


def _types(function: Callable[..., Any]) -> tuple[Any, Any]:
    """Types of the first parameter and of the result; `dict` where not annotated."""
    hints = get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters), "")
    return hints.get(first, dict), hints.get("return", dict)
