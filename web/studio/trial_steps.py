"""The steps of a scenario of the draft, named for whoever chooses up to where a trial walks."""

from __future__ import annotations

from collections.abc import Mapping

from web import scenarios
from web.scenarios.format import DEEDS, Step
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
