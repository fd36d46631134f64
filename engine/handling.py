"""Calling the handler of a job: its input, its context, its output."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from engine import context as contexts
from engine.errors import EngineError
from engine.feel import FeelError, check_value, format_value
from engine.handler import ServiceTaskHandler
from engine.values import Value

if TYPE_CHECKING:
    from engine.instance import Instance
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

SLOW = 0.020
"""Seconds after which an inside handler is reported."""


class LeaseLost(Exception):
    """The lease ran out, or what the job was for is gone."""


@dataclass(frozen=True, slots=True)
class OutsideWork:
    """`handler.Outside`: what an outside handler gets while no transaction is open."""

    idempotency_key: str
    adapters: Any
    files: Mapping[str, bytes]

    def resources(self, prefix: str) -> Mapping[str, bytes]:
        return {name: data for name, data in self.files.items() if name.startswith(prefix)}


def call(tx: Transaction, handler: ServiceTaskHandler, job: Any, result: Any, context: contexts.StepContext) -> Any:
    """Call the handler (of an outside one: `finish`) in a savepoint."""
    began = time.perf_counter()
    with tx.savepoint():
        if not handler.outside:
            output = handler.function(job, context)
        else:
            output = handler.finish(job, result, context) if handler.finish is not None else result
    took = time.perf_counter() - began
    if took > SLOW:
        log.warning("handler %s took %.0f ms inside a transaction", handler.topic, took * 1000)
    return output


def context_of(tx: Transaction, row: Any, instance: Instance | None) -> contexts.StepContext:
    headers: Mapping[str, str] = {}
    if instance is not None and row.wait_id is not None:
        wait = instance.wait(row.wait_id)
        headers = wait.element.headers if wait is not None else {}
    return contexts.StepContext(
        tx,
        instance=instance,
        business_key=row.business_key,
        element_id=row.element_id,
        process_key=row.process_key,
        wait_id=row.wait_id,
        idempotency_key=row.id,
        entered_at=row.entered_at,
        headers=headers,
    )


def input_of(handler: ServiceTaskHandler, row: Any, instance: Instance | None) -> Any:
    """The handler's first argument: of an element, its input mappings' values, or without any all variables it sees."""
    if row.kind == "scheduled" or instance is None:
        values = row.input
    else:
        wait = instance.wait(row.wait_id)
        if wait is None:
            raise LeaseLost
        mapped = bool(wait.element.inputs)
        values = instance.run.locals(row.wait_id) if mapped else instance.run.variables(row.wait_id)
    if handler.input in (dict, Any) or getattr(handler.input, "__origin__", None) in (dict, Mapping):
        return dict(values)
    try:
        return TypeAdapter(handler.input).validate_python(dict(values))
    except ValidationError as error:
        raise _wrong_input(handler, error) from None


EXPECTED = {
    "string_type": "debe ser un texto",
    "decimal_type": "debe ser un número",
    "decimal_parsing": "debe ser un número",
    "int_type": "debe ser un número entero",
    "bool_type": "debe ser sí o no",
    "date_type": "debe ser una fecha",
    "datetime_type": "debe ser una fecha y hora",
    "list_type": "debe ser una lista",
    "dict_type": "debe ser un contexto",
}
"""Kinds of pydantic's errors in the words of those who repair; others keep pydantic's."""


def _wrong_input(handler: ServiceTaskHandler, error: ValidationError) -> EngineError:
    """What the diagram hands to a handler is not what it takes: names each value, and where the handler stands."""
    said = []
    for one in error.errors(include_url=False):
        name = ".".join(map(str, one["loc"]))
        if one["type"] == "missing":
            said.append(f"falta {name}")
        else:
            said.append(f"{name} {EXPECTED.get(one['type'], one['msg'])} y es {_shown(one['input'])}")
    found = EngineError(f"Los datos de entrada de «{handler.topic}» no son los que espera: {'; '.join(said)}.")
    code = inspect.unwrap(handler.function).__code__
    found.add_note(f'  File "{code.co_filename}", line {code.co_firstlineno}, in {code.co_name}')
    return found


def _shown(value: Any) -> str:
    try:
        text = format_value(check_value(value))
    except FeelError:
        text = str(value)
    return text if len(text) <= 80 else text[:80] + "…"


def variables_of(output: Any) -> dict[str, Value] | None:
    """What a handler's result puts into the process."""
    if output is None:
        return None
    if isinstance(output, BaseModel):
        output = output.model_dump()
    if not isinstance(output, Mapping):
        raise TypeError(f"a handler returns a mapping or a pydantic model, not {type(output).__name__}")
    return {name: check_value(value) for name, value in output.items()}
