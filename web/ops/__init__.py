"""The cockpit: how an operator sees what runs, finds what is wrong and repairs it without touching the database.

`frame` holds the blueprint; `overview`, `search`, `instance` show, `actions` and `migration` change, each change with a
reason and after a dry run that says what it will do (`preview`); `words` says what an instance waits for.
"""

from __future__ import annotations

from web.ops import actions, handbook, instance, migration, overview, search
from web.ops.frame import blueprint

__all__ = ["actions", "blueprint", "handbook", "instance", "migration", "overview", "search"]
