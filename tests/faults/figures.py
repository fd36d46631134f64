"""What a run found: one JSON line for each test, and the table of docs/reliability.md made from them.

`CAUCE_FIGURES` names the file of the lines. `python -m tests.faults.figures FILE` prints the table; `make faults` does
both.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Line = dict[str, Any]
HEAD = ("run", "database", "size", "lost", "twice", "false answers", "repeated, same id", "seconds and rates")


def tell(test: str, **figures: Any) -> None:
    line = json.dumps({"test": test, **figures}, ensure_ascii=False)
    print(line)
    if path := os.environ.get("CAUCE_FIGURES"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def table(lines: Iterable[Line]) -> str:
    """Markdown: one row for each test and database; the pairs of a race are one row."""
    rows = [HEAD, ("---",) * len(HEAD)]
    races: dict[str, list[Line]] = {}
    for line in lines:
        if line["test"] == "race":
            races.setdefault(line["database"], []).append(line)
        else:
            rows.append(_row(line))
    for database, found in races.items():
        rounds = sum(one["rounds"] for one in found)
        refused = sum(one["refused_politely"] for one in found)
        size = f"{len(found)} pairs × {found[0]['rounds']} = {rounds} rounds"
        rows.append(
            ("pairs of verbs at once", database, size, "0", "0", "–", "–", f"{refused} refused politely, 0 faulted")
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(line: Line) -> tuple[str, ...]:
    known = ("test", "database", "lost", "twice", "false_answers", "outside", "outside_repeated_same_id")
    sizes = ("instances", "kills", "crashes", "restarts", "mails", "orders", "threads", "tasks", "pauses")
    size = ", ".join(f"{_number(line[name])} {name}" for name in sizes if name in line)
    rest = [f"{name} {_number(value)}" for name, value in line.items() if name not in (*known, *sizes, "seed")]
    repeated = line.get("outside_repeated_same_id", line.get("repeated_same_id", "–"))
    return (
        line["test"].replace("_", " "),
        str(line.get("database", "postgresql")),
        size,
        *(str(line.get(name, "–")) for name in ("lost", "twice", "false_answers")),
        str(repeated),
        ", ".join(rest),
    )


def _number(value: Any) -> str:
    if isinstance(value, dict):
        return f"{sum(value.values())} ({', '.join(f'{count} {name}' for name, count in value.items())})"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    told = Path(sys.argv[1])
    print(table(json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()) if told.exists() else "")
