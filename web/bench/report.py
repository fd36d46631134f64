"""Runs measures on each database and prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from web.bench.measures import MEASURES, Bench

COMMON = (
    "measure",
    "database",
    "cpu_ms",
    "wall_ms_p50",
    "wall_ms_p95",
    "sql",
    "commits",
    "n",
    "raw_memory_ms",
    "raw_json_ms",
)


def run(names: Sequence[str], database_urls: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield one dict for each figure, as soon as it is known. Raises KeyError for an unknown name."""
    chosen = {name: MEASURES[name] for name in names or MEASURES}
    for url in database_urls:
        for name, measure in chosen.items():
            bench = Bench(url)
            try:
                for figures in measure(bench):
                    yield {"measure": name, "database": bench.kind, **figures}
            finally:
                bench.close()


def as_table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as aligned text: common columns first, what is proper to a measure after them."""
    lines = [[*list(COMMON[:8]), "raw memory", "raw JSON", ""]]
    for row in rows:
        proper = "  ".join(f"{key}={value}" for key, value in row.items() if key not in COMMON)
        lines.append([str(row.get(column, "–")) for column in COMMON] + [proper])
    widths = [max(len(line[i]) for line in lines) for i in range(len(COMMON))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) + "  " + line[-1]
        for line in lines
    )
