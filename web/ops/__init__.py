"""The cockpit: how an operator sees what runs, finds what is wrong and repairs it without touching the database.

`frame` holds the blueprint; `overview`, `search`, `instance`, `jobs`, `log` show; `actions`, `loose`, `definitions` and
`migration` change, with a reason and after a look that says what they will do (`preview`); `words` says what an
instance waits for, `told` what has happened to it.
"""

from __future__ import annotations

from web.ops import actions, definitions, handbook, instance, jobs, log, loose, migration, overview, search
from web.ops.frame import blueprint

__all__ = [
    "actions",
    "blueprint",
    "definitions",
    "handbook",
    "instance",
    "jobs",
    "log",
    "loose",
    "migration",
    "overview",
    "search",
]
