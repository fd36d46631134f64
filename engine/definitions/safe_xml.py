"""XML that strangers may have written: counted before it is built, no document types, no entities.

lxml itself refuses external entities and entity bombs, but expands inline ones and builds a tree of any number of
elements (3,000,000 took 420 MB), so a first pass counts without building.
"""

from __future__ import annotations

from typing import Any, cast

from lxml import etree

from engine.errors import ModelError
from engine.values import Finding

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 100_000
MAX_DEPTH = 200

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_pis": True,
    "remove_comments": True,
}


class _Refused(Exception):
    def __init__(self, rule: str, message: str, remedy: str) -> None:
        self.rule, self.message, self.remedy = rule, message, remedy
        super().__init__(message)


class _Counter:
    """A parser target that keeps no tree."""

    def __init__(self) -> None:
        self.elements = self.attributes = self.depth = 0

    def start(self, tag: str, attributes: Any) -> None:
        self.elements += 1
        self.attributes += len(attributes)
        self.depth += 1
        if self.elements > MAX_ELEMENTS or self.attributes > MAX_ATTRIBUTES or self.depth > MAX_DEPTH:
            raise _Refused(
                "xml-too-large",
                f"El archivo tiene más de {MAX_ELEMENTS} elementos o más de {MAX_DEPTH} niveles.",
                "Divida el modelo en varios archivos.",
            )

    def end(self, tag: str) -> None:
        self.depth -= 1

    def data(self, text: str) -> None:
        pass

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        raise _Refused(
            "xml-doctype",
            "El archivo declara un tipo de documento (DOCTYPE), lo que ningún modelo necesita.",
            "Borre la línea <!DOCTYPE …> o guarde el modelo de nuevo desde el editor.",
        )

    def close(self) -> int:
        return self.elements


def parse(resource: str, data: bytes) -> Any:
    """The root element of an XML file without comments and processing instructions.

    Raises ModelError with one finding for anything but a reasonably small UTF-8 file without DOCTYPE.
    """
    try:
        return _parse(data)
    except _Refused as refused:
        finding = Finding(resource, None, refused.rule, refused.message, refused.remedy)
        raise ModelError([finding]) from None


def _parse(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise _Refused(
            "xml-too-large",
            f"El archivo pesa {len(data) / 1048576:.1f} MB; el máximo son {MAX_BYTES // 1048576} MB.",
            "Divida el modelo en varios archivos.",
        )
    if not data.strip():
        raise _Refused("xml-empty", "El archivo está vacío.", "Guarde el modelo de nuevo desde el editor.")
    _only_utf8(data)
    try:
        etree.fromstring(data, etree.XMLParser(target=cast("Any", _Counter()), **_OPTIONS))
        root = etree.fromstring(data, etree.XMLParser(**_OPTIONS))
    except etree.LxmlError as error:
        raise _Refused("xml-malformed", f"El archivo no es XML bien formado{_place(error)}.", _FROM_EDITOR) from None
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding not in ("UTF-8", "ASCII", "US-ASCII"):
        raise _Refused("xml-encoding", f"El archivo está codificado en {encoding}.", "Guárdelo en UTF-8.")
    return root


def _place(error: etree.LxmlError) -> str:
    line, column = getattr(error, "position", (0, 0))
    return f": vea la línea {line}, columna {column}" if line else ""


_FROM_EDITOR = "Corrija el archivo o guárdelo de nuevo desde el editor."


def _only_utf8(data: bytes) -> None:
    """UTF-16 and other encodings are refused at once: one file, one reading, whichever library reads it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _Refused("xml-encoding", "El archivo no está codificado en UTF-8.", "Guárdelo en UTF-8.")
