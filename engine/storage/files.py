"""Bytes under their content hash, in a folder or in any store that obstore knows; what they are is sniffed.

Sniffing decides what to refuse: a type that is not accepted, or content that is not what the name says. What makes
files safe is how they are served.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import filetype
import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore

from engine.errors import Invalid, NotFound

MOST_BYTES = 25 * 1024 * 1024
_OOXML: Mapping[str, str] = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
}
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "txt": "text/plain",
    "csv": "text/csv",
    "xml": "application/xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "eml": "message/rfc822",
}
"""Accepted file name endings and what such a file is served as."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    hash: str
    size: int
    type: str


class Files:
    """The store. Content that is there already is not written again."""

    def __init__(self, store: ObjectStore, most_bytes: int = MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes

    @classmethod
    def in_folder(cls, path: str | Path, most_bytes: int = MOST_BYTES) -> Files:
        Path(path).mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(prefix=Path(path)), most_bytes)

    def store(self, stream: BinaryIO, filename: str, field: str = "") -> StoredFile:
        """Check and keep an uploaded file. Raises Invalid for `field` when it is empty, too large or not accepted."""
        data = stream.read(self._most_bytes + 1)
        if len(data) > self._most_bytes:
            raise Invalid({field: f"El archivo pasa de {self._most_bytes // (1024 * 1024)} MB."})
        if not data:
            raise Invalid({field: "El archivo está vacío."})
        ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
        if ending not in TYPES:
            raise Invalid({field: f"No se aceptan archivos de este tipo; sí: {', '.join(TYPES)}."})
        if not _is_what_it_says(ending, data):
            raise Invalid({field: f"El contenido del archivo no corresponde a «.{ending}»."})
        return StoredFile(self.put(data), len(data), TYPES[ending])

    def put(self, data: bytes) -> str:
        """Keep bytes that the program made itself; answers their SHA-256.

        Bytes that are there already are written again: they count as new, so that `delete_older` leaves them alone.
        """
        digest = hashlib.sha256(data).hexdigest()
        obstore.put(self._store, _path(digest), data)
        return digest

    def read(self, digest: str) -> bytes:
        """Raises NotFound."""
        try:
            return bytes(obstore.get(self._store, _path(digest)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NotFound("El archivo ya no está.") from None

    def delete(self, digest: str) -> None:
        obstore.delete(self._store, _path(digest))

    def delete_older(self, digest: str, before: datetime) -> bool:
        """Delete what was stored before this moment (real time), and not again since; answers whether it was."""
        with contextlib.suppress(NotFoundError, FileNotFoundError):
            if obstore.head(self._store, _path(digest))["last_modified"] < before:
                self.delete(digest)
                return True
        return False

    def hashes(self, before: datetime | None = None) -> list[str]:
        """Everything that is stored, or was stored before a moment (real time)."""
        return [
            Path(entry["path"]).name
            for batch in obstore.list(self._store)
            for entry in batch
            if before is None or entry["last_modified"] < before
        ]

    @staticmethod
    def shown_name(filename: str) -> str:
        """The name as it is kept and shown: no folders, no control or direction characters, at most 200 characters."""
        name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
        name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").strip()
        stem, dot, ending = name.rpartition(".")
        return f"{stem[: 199 - len(ending)]}{dot}{ending}"[:200] or "archivo"


def _path(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _is_what_it_says(ending: str, data: bytes) -> bool:
    if ending in _OOXML or ending == "odt":
        return _is_office_file(ending, data)
    if ending == "xml":
        # Whoever reads it does so with a safe parser; here only: it is text that begins as XML does.
        return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and b"\0" not in data
    kind: Any = filetype.guess(data)
    if ending in ("txt", "csv", "eml"):
        return kind is None and b"\0" not in data[:4096]
    return kind is not None and kind.mime == TYPES[ending]


def _is_office_file(ending: str, data: bytes) -> bool:
    """Look into the zip's table of contents only: nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > 2000 or sum(member.file_size for member in members) > 500 * 1024 * 1024:
                return False
            if ending == "odt":
                return members[0].filename == "mimetype" and archive.read("mimetype") == TYPES["odt"].encode()
            return any(member.filename == _OOXML[ending] for member in members)
    except (zipfile.BadZipFile, KeyError, IndexError, NotImplementedError, RuntimeError, OSError):
        return False
