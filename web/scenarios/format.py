"""What a scenario file may say. Every key that is not named here is an error, so that a typing mistake cannot make an
expectation vanish."""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ZONE = ZoneInfo("America/Mexico_City")
"""Moments in scenario files are the firm's wall clock."""


DEEDS = (
    "action", "complete", "draft", "claim", "message", "start", "do", "fail", "throw", "skip", "fire", "retry", "set_",
)  # fmt: skip
"""Keys of a step that say what is done; a step has one of them at most."""


class ScenarioError(Exception):
    """The scenario file cannot be read; the message names the file, the step and the key."""


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=ZONE)
    return value


Moment = Annotated[dt.datetime, BeforeValidator(_moment)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedMail(Strict):
    """Mails of one template that this step must have caused."""

    count: int = 1
    to: str | None = None
    contains: list[str] = []
    attachments: list[str] = []


class ExpectedRows(Strict):
    """Rows of one table of the firm. Without `where`: those of the matter."""

    table: str
    where: dict[str, Any] = {}
    count: int | None = None
    values: dict[str, Any] = {}
    """Columns of the last row (the highest id)."""


class ExpectedHistory(Strict):
    kind: str
    element: str | None = None
    details: dict[str, Any] = {}
    count: int | None = None


class Expect(Strict):
    """What must hold after a step, about the matter of the step."""

    open: list[str] | None = None
    """Element ids of exactly the open user tasks of the matter and of the instances below it."""
    waiting: list[str] | None = None
    """Element ids of exactly what the matter and the instances below it wait for: user tasks, jobs, timers, messages,
    failures."""
    inbox: dict[str, list[str]] = {}
    """Person → element ids of exactly the user tasks of the matter that this person may work on."""
    assignee: dict[str, str | None] = {}
    due: dict[str, Moment | None] = {}
    timers: dict[str, Moment | None] = {}
    """Element id of a timer → when it is due; null: no such timer waits."""
    form: dict[str, dict[str, Any]] = {}
    """Element id → values that its form shows to the person of the step."""
    mails: dict[str, int | ExpectedMail] | None = None
    """Template → mails that this step caused; exactly these and no other."""
    mails_total: dict[str, int] = {}
    """Template → mails of the matter since its beginning."""
    client_mails: int | None = None
    """Mails to the client of the matter since its beginning."""
    documents: list[str] | None = None
    """Templates of exactly the documents made in this step."""
    rows: list[ExpectedRows] = []
    decisions: dict[str, Any] = {}
    """Decision id → outputs of its last evaluation in the matter."""
    variables: dict[str, Any] = {}
    history: list[ExpectedHistory] = []
    scheduled: dict[str, list[Moment]] = {}
    """Key of scheduled jobs (may end in `*`) → exactly their due times, in order."""
    instance: Literal["running", "suspended", "completed", "cancelled"] | None = None
    instances: dict[str, str] = {}
    """Business key below the matter's (e.g. `A-1`) → state of that process instance."""
    incidents: int = 0


class Refused(Strict):
    """How the step must be refused."""

    code: Literal["invalid", "not_allowed", "not_found", "conflict"]
    fields: dict[str, str] = {}
    """Field → text that its error holds."""
    message: str | None = None


class Step(Strict):
    """One thing that one person does at one moment, and what must then hold."""

    name: str = ""
    at: Moment | None = None
    as_: str | None = Field(None, alias="as")
    matter: str | None = None
    """Name of the matter that the step is about; the first one is called `asunto`."""
    action: str | None = None
    """An action of the firm, e.g. `seguimiento_pagos.registrar_pago`."""
    complete: str | None = None
    """Element id of an open user task."""
    draft: str | None = None
    claim: str | None = None
    message: str | None = None
    """Name of a message to the matter."""
    correlation: str | None = None
    """Of the message, where it is not the business key."""
    start: str | None = None
    """Key of a process that begins, with the variables of `with`, under a business key made for it."""
    before: str | None = None
    """Element at which `start` puts the token, instead of the beginning."""
    do: str | None = None
    """Element of a job that was held: it is done now."""
    fail: str | None = None
    """Element of a job that was held: it fails, with the sentence `error`."""
    error: str = "Falló en la prueba."
    last: bool = True
    """Whether `fail` is the failure of the last attempt."""
    throw: str | None = None
    """Element at which a BPMN error with this `code` is thrown."""
    code: str | None = None
    skip: str | None = None
    """Element that counts as done, with the result `with`, without form and handler."""
    fire: str | None = None
    """Element of a timer, message or signal that comes now."""
    retry: str | None = None
    """Element at which something failed: it is tried again, after changing the variables of `with`."""
    set_: dict[str, Any] = Field({}, alias="set")
    """Variables of the process that are changed by hand."""
    number: int = Field(1, ge=1)
    """Which one, where several wait at the element (from 1, in the order in which they began)."""
    hold: list[str] = []
    """Elements of jobs that are left waiting after this step, for a step that does them or lets them fail."""
    with_: dict[str, Any] = Field({}, alias="with")
    business_key: str | None = None
    """Key below the matter's that the step is about, e.g. `A-1`."""
    refused: Refused | None = None
    expect: Expect = Expect()

    @property
    def deed(self) -> str | None:
        """What the step does; None when time passes or somebody only looks."""
        return next((name for name in DEEDS if getattr(self, name)), None)

    @property
    def title(self) -> str:
        """Its name, else what it is about."""
        if self.name or self.deed is None:
            return self.name
        return "variables" if self.deed == "set_" else str(getattr(self, self.deed))

    @model_validator(mode="after")
    def _one_deed(self) -> Step:
        deeds = [name for name in DEEDS if getattr(self, name)]
        if len(deeds) > 1:
            raise ValueError(f"un paso hace una sola cosa; este tiene {' y '.join(deeds)}".replace("set_", "set"))
        if self.deed in ("action", "complete", "draft", "claim") and not self.as_:
            raise ValueError(f"¿quién lo hace? A `{deeds[0]}` le falta `as`")
        if self.throw and not self.code:
            raise ValueError("¿qué error? A `throw` le falta `code`")
        if not deeds and self.at is None and self.expect == Expect():
            raise ValueError("el paso no hace nada, no deja pasar el tiempo y no espera nada")
        return self


class Continues(Strict):
    """Another scenario whose first steps are played before."""

    scenario: str
    until: int
    """Number of its last step that is played, from 1."""


class Scenario(Strict):
    """One file."""

    name: str
    description: str = ""
    process: str
    starts: Moment | None = None
    continues: Continues | None = None
    excused: dict[str, str] = {}
    steps: list[Step]
    path: pathlib.Path | None = None


def load(path: pathlib.Path) -> Scenario:
    """Read a scenario with the one that it continues. Raises ScenarioError."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        scenario = Scenario.model_validate({**data, "path": path})
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, e['loc'])) or 'archivo'}: {said(e)}" for e in error.errors()]
        raise ScenarioError("\n".join(lines)) from error
    except OSError as error:
        raise ScenarioError(f"{path.name}: no se puede leer") from error
    except yaml.constructor.ConstructorError as error:
        at = f" en la línea {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ScenarioError(f"{path.name}: tiene una etiqueta de YAML (!…){at}, que aquí no se admite") from error
    except yaml.MarkedYAMLError as error:
        at = f" en la línea {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ScenarioError(f"{path.name}: no es YAML bien formado{at}") from error
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise ScenarioError(f"{path.name}: no es un escenario: empieza con `name:`, `process:` y `steps:`") from error
    if scenario.continues is None:
        if scenario.starts is None:
            raise ScenarioError(f"{path.name}: falta `starts`, el momento en que empieza el reloj del escenario")
        return scenario
    if pathlib.PurePath(scenario.continues.scenario).name != scenario.continues.scenario:
        raise ScenarioError(f"{path.name}: `continues` nombra un archivo de la misma carpeta")
    before = load(path.parent / scenario.continues.scenario)
    if not 1 <= scenario.continues.until <= len(before.steps):
        raise ScenarioError(f"{path.name}: «{before.name}» no tiene el paso {scenario.continues.until}")
    steps = [*before.steps[: scenario.continues.until], *scenario.steps]
    return scenario.model_copy(update={"steps": steps, "starts": before.starts})


def said(error: ErrorDetails) -> str:
    """What pydantic found, for whoever writes scenarios."""
    match error["type"]:
        case "extra_forbidden":
            return "no existe esa clave"
        case "missing":
            return "falta"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case "literal_error":
            return f"debe ser {error['ctx']['expected'].replace(' or ', ' o ')}"
    return "el valor no es de los que van aquí"
