"""Writes `docs/bpmn.md` from the tables that the tests run: `python -m tests.engine.bpmn.page`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.engine.bpmn.catalogue import EVENTS, LISTS, POSITIONS, Entry, entries
from tests.engine.bpmn.constructs import ROWS, Row
from tests.engine.bpmn.constructs.refused import REFUSED

PAGE = Path(__file__).parents[3] / "docs" / "bpmn.md"

HEAD = """# BPMN 2.0: what runs, and how that is known

*Written by `python -m tests.engine.bpmn.page` from the models that the tests run; a test fails when it is stale.*

The diagram tells the truth (DESIGN, law 1): what a model says is what runs. Every construct below either **runs**
exactly as BPMN 2.0.2 says, is **rewritten** to an equivalent one before it runs (the diagram keeps its elements, and so
do tokens and history), or is **refused** at deployment, with the element, the reason and what to do. What is **drawn**
has no effect in BPMN, and none here. Nothing is passed over in silence.

The last column names the model that proves it. Models that run stand in `tests/engine/bpmn/constructs/`, with the
order in which their elements complete; each is run twice, once saved and loaded again around every step
(`test_constructs.py`). Random combinations are held against an independent account of BPMN (`test_random.py`). Refused
models stand in `constructs/refused.py` (`test_unsupported.py`); the rules that refuse them in `processes/README.md`.
"""


def page() -> str:
    count = Counter(entry.status for entry in entries())
    counted = ", ".join(f"{count[status]} {status}" for status in ("runs", "rewritten", "refused", "drawn"))
    parts = [HEAD, f"Of {count.total()} constructs: {counted}.\n"]
    for title, some in LISTS.items():
        if title == "More about events":
            parts += [f"## Events\n\n{_table('event', [(name, entry) for name, entry in _events()])}"]
        parts += [f"## {title}\n\n{_table('construct', [(entry.name, entry) for entry in some])}"]
    parts += ["## The models that run\n\n" + "".join(_model(row) for row in ROWS)]
    return "\n".join(parts)


def _events() -> list[tuple[str, Entry]]:
    return [
        (f"{name.capitalize()}: {position}", row[position])
        for name, row in EVENTS.items()
        for position in POSITIONS
        if position in row
    ]


def _table(title: str, rows: list[tuple[str, Entry]]) -> str:
    lines = [f"| {title} | | what happens, or why not | model |", "|---|---|---|---|"]
    lines += [f"| {name} | {_status(entry)} | {entry.said} | {entry.proof} |" for name, entry in rows]
    return "\n".join(lines) + "\n"


def _status(entry: Entry) -> str:
    return f"**{entry.status}**" if entry.status == "refused" else entry.status


def _model(row: Row) -> str:
    steps = [_step(step) for step in row.steps if len(step) > 1]
    done = f"; steps: {', '.join(steps)}" if steps else ""
    return f"- {row.name}: `{row.trace}`{done}\n"


def _step(step: tuple[object, ...]) -> str:
    whom = step[1]
    if isinstance(whom, tuple):
        return f"{step[0]} {whom[0]} number {whom[1]}"
    return f"set {', '.join(whom)}" if isinstance(whom, dict) else f"{step[0]} {whom}"


def proofs() -> tuple[set[str], set[str]]:
    """Names of the models that run, and of those that are refused."""
    return {row.name for row in ROWS}, {one.name for one in REFUSED}


if __name__ == "__main__":
    PAGE.write_text(page())
