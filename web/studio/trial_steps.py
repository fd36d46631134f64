"""The steps of a scenario of the draft, named for whoever chooses up to where a trial walks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from web import scenarios
from web.scenarios.format import DEEDS, Step
from web.studio.catalogue import processes
from web.studio.kinds import QUICK
from web.studio.outcomes import in_folder


def loaded(files: Mapping[str, bytes], path: str) -> scenarios.Scenario:
    """The scenario at `path`, with the steps of the one that it continues. Raises ScenarioError."""
    with in_folder(files) as folder:
        try:
            return scenarios.load(folder.processes / path)
        except scenarios.ScenarioError as error:
            raise scenarios.ScenarioError(str(error).replace(f"{folder.processes}/", "")) from None
        except (RecursionError, ValueError) as error:
            # A scenario that continues itself; bytes that are not a text.
            raise scenarios.ScenarioError(f"{path}: {error}") from None


def named(files: Mapping[str, bytes], path: str) -> list[tuple[int, str]]:
    """Numbers with «12 · hruiz · Henoc aprueba la propuesta»; none where the file cannot be read."""
    try:
        steps = loaded(files, path).steps
    except scenarios.ScenarioError:
        return []
    return [
        (number, " · ".join(filter(None, (str(number), step.as_, _what(step))))) for number, step in enumerate(steps, 1)
    ]


def _what(step: Step) -> str:
    done = (getattr(step, deed, None) for deed in DEEDS)
    return step.name or next((str(one) for one in done if one), "")


def before(files: Mapping[str, bytes], path: str, among: Iterable[str]) -> tuple[str, int] | None:
    """The scenario that is the first to reach this diagram, or an element that shows this form, and how many of its
    steps lead there; None when none does."""
    form = path.removeprefix("forms/").removesuffix(".form")
    wanted = {
        element.id
        for process in processes(files)
        for element in process.elements.values()
        if process.resource == path or (path.startswith("forms/") and element.form_id == form)
    }
    found = [(number, one) for one in among if (number := _reached(files[one], wanted)) > 0]
    return min(found)[::-1] if found else None


def _reached(data: bytes, wanted: set[str]) -> int:
    """Number of steps before the first that is about one of these elements; 0: there is none, or nothing before it."""
    try:
        told: Any = yaml.load(data, QUICK)  # noqa: S506  (a safe one)
        steps = [] if "continues" in told else list(told["steps"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        return 0
    for number, step in enumerate(steps):
        if isinstance(step, dict) and any(isinstance(id := step.get(deed), str) and id in wanted for deed in DEEDS):
            return number
    return 0
