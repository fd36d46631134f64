"""What a backup's database holds, counted the same way in the living database and in its copy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.registros import Ajuste
from tasks.retencion import ARCHIVOS

NAMES_FILES = frozenset(
    {
        ("attachment", "hash"),
        *((column.class_.__tablename__, column.key) for column in ARCHIVOS),
        (Ajuste.__tablename__, Ajuste.valor.key),
    }
)
"""Tables and columns in which a row names a stored file; the firm's logo is a setting."""
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


class BadBackup(ValueError):
    """The backup is not complete or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Of one moment."""

    counts: dict[str, int]
    """Table → rows."""
    named: frozenset[str]
    """Content hashes of the files that a row names."""
    schema: str = ""
    """Of PostgreSQL: where the tables are."""


def digests(values: Iterable[object]) -> set[str]:
    """The content hashes in what these columns hold: a hash, a setting «hash.png» in JSON, nothing."""
    return {found.group() for value in values if value and (found := _DIGEST.search(str(value)))}
