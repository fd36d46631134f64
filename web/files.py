"""Stored files on their way to a browser: as attachments, in a sandbox, never run."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response

from web.headers import FILE_POLICY
from web.runtime import engine

INLINE = ("application/pdf", "image/png", "image/jpeg")
"""Types that a browser may show by itself; everything else is saved to disk."""


def send(content_hash: str, filename: str, media_type: str) -> Response:
    """The file with this content hash. Raises NotFound."""
    response = Response(engine().files.read(content_hash), mimetype=media_type or "application/octet-stream")
    shown = "inline" if media_type in INLINE else "attachment"
    ascii_name = re.sub(r"[^\w.\- ]", "_", unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode())
    response.headers["Content-Disposition"] = f"{shown}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename)}"
    # A browser's own PDF viewer does not work inside a sandbox, and runs nothing of ours.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
        if (media_type == "application/pdf")
        else FILE_POLICY
    )
    return response
