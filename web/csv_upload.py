"""The CSV file of a page that imports one: read whole, and not larger than such a list ever is."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from engine.errors import Invalid

LARGEST = 2**20
"""Bytes."""


def sent_csv(field: str = "archivo") -> bytes:
    """The bytes of the file sent in this field. Raises Invalid at the field for none, an empty or a large one."""
    sent = request.files.get(field)
    content = sent.stream.read(LARGEST + 1) if sent else b""
    if not content:
        named = sent is not None and sent.filename
        raise Invalid({field: _("El archivo está vacío.") if named else _("Elija un archivo CSV.")})
    if len(content) > LARGEST:
        raise Invalid({field: _("El archivo pasa de 1 MB.")})
    return content
