"""Forms filled in while trying: what the person has really written, as a step of a scenario, and example data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

from engine.forms import View
from web.texts import local

FILE = "archivo:"
"""Beginning of the id of a file that was chosen on such a page: of the file only its name is kept."""
_RANDOM = re.compile(r"(?=.*\d)(?!\d{4}-\d\d-\d\d)[\w-]{4,64}")
"""What a mail may have told: a code, a folio."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the page shows of such a file."""

    filename: str
    size: int = 0


def store(path: str, stream: BinaryIO, filename: str) -> str:
    """Keeps the name of a file; its content never gets into a space: an example of its kind takes its place."""
    name = re.sub(r"[^\w.\- ]", "_", filename.replace("\\", "/").rpartition("/")[2])[:100]
    return FILE + name


def named(texts: Mapping[str, Sequence[str]] | None) -> dict[str, Named]:
    """The files among these texts, for the page."""
    found = [text for values in (texts or {}).values() for text in values if text.startswith(FILE)]
    return {text: Named(text.removeprefix(FILE)) for text in found}


def written(values: Mapping[str, Any], shown: Sequence[View]) -> dict[str, Any]:
    """The values that differ from what the form showed by itself; files as a scenario hands them in."""
    found = _different(values, _initial(shown), "")
    return found if isinstance(found, dict) else {}


def _initial(views: Sequence[View]) -> dict[str, Any]:
    """Path → value that stands there at first."""
    found: dict[str, Any] = {}
    for view in views:
        if view.type == "dynamiclist":
            found[view.path] = len(view.rows)
        elif view.path and view.type != "group":
            found[view.path] = view.value
        for inner in (view.children, *view.rows):
            found.update(_initial(inner))
    return found


def _different(value: Any, initial: Mapping[str, Any], path: str) -> Any:
    """None when nothing differs."""
    if path in initial and not isinstance(value, list):
        return None if initial[path] == value else {"": value}
    if isinstance(value, Mapping):
        parts = {name: _different(each, initial, f"{path}.{name}".lstrip(".")) for name, each in value.items()}
        return {name: _bare(part) for name, part in parts.items() if part is not None} or None
    if isinstance(value, list):
        return _list(value, initial, path)
    return None if value is None or value is False else {"": value}


def _list(value: list[Any], initial: Mapping[str, Any], path: str) -> Any:
    if all(isinstance(item, Mapping) for item in value) and isinstance(initial.get(path, 0), int):
        rows = [_bare(_different(row, initial, f"{path}.{number}") or {}) for number, row in enumerate(value)]
        return {"": rows} if any(rows) or len(rows) != initial.get(path, 0) else None
    if initial.get(path, []) == value:
        return None
    files = [item.removeprefix(FILE) for item in value if isinstance(item, str) and item.startswith(FILE)]
    if files:
        return {"": {"file": files if len(files) > 1 else files[0]}}
    return {"": value}


def _bare(part: Any) -> Any:
    return part[""] if isinstance(part, dict) and set(part) == {""} else part


def with_references(value: Any, find: Callable[[str], dict[str, str] | None]) -> Any:
    """What was read in a mail, or is the id of a row, by reference: the next time it will be another one."""
    if isinstance(value, dict):
        return value if set(value) == {"file"} else {name: with_references(v, find) for name, v in value.items()}
    if isinstance(value, list):
        return [with_references(each, find) for each in value]
    if isinstance(value, str) and _RANDOM.fullmatch(value):
        return find(value) or value
    return value


# --- example data


def examples(views: Sequence[View], now: datetime) -> dict[str, list[str]]:
    """Texts as a browser would send them: what stands there, and something likely where nothing does."""
    found: dict[str, list[str]] = {}
    for view in views:
        for mark in view.row_marks:
            found[mark] = ["1"]
        if view.path and not view.disabled and view.type not in ("group", "dynamiclist"):
            found[view.path] = list(_example(view, now))
            found[f"{view.path}._shown"] = ["1"]
        for inner in (view.children, *view.rows):
            found.update(examples(inner, now))
    return found


def _example(view: View, now: datetime) -> Iterator[str]:
    if view.type in ("radio", "select", "checklist", "taglist"):
        chosen = sorted(view.chosen) or [value for value, _ in view.options[:1] if view.required]
        yield from chosen
    elif view.type == "filepicker":
        stored = [str(one) for one in view.value or ()]
        wanted = view.accept.split(",")[0].strip().lstrip(".") or "pdf"
        yield from stored or ([f"{FILE}ejemplo.{wanted}"] if view.required else [])
    elif view.type == "checkbox":
        if view.value or view.required:
            yield "true"
    elif view.text or not (view.required or view.validation):
        # An address and a telephone are never wrong, and often one of them is asked for.
        yield view.text
    else:
        yield _text(view, now)


def _text(view: View, now: datetime) -> str:
    if view.type == "number":
        return view.min or view.max or "1"
    if view.type == "datetime":
        return _time(view, now)
    if view.validation == "email":
        return "ana.cruz@ejemplo.mx"
    if view.validation == "phone":
        return "5512345678"
    if "nombre" in view.label.lower():
        return "Ana Cruz Díaz"
    text = f"Ejemplo de {view.label.strip().lower()}"
    return text[: view.max_length] if view.max_length else text


def _time(view: View, now: datetime) -> str:
    if view.subtype == "time":
        return "10:00"
    day: date = local(now).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    text = day.isoformat()
    if view.min:
        text = max(text, view.min[:10])
    if view.max:
        text = min(text, view.max[:10])
    return text if view.subtype == "date" else f"{text}T11:00"


__all__ = ["FILE", "Named", "examples", "named", "store", "with_references", "written"]
