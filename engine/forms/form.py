"""A form: what a person sees of a user task, and the judge of what comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.errors import FormError, Invalid
from engine.feel import Expression, Functions
from engine.forms.component import Component, Rule, Scope
from engine.forms.fields import (
    MAX_ROWS,
    ROW_MARK,
    SHOWN_MARK,
    Field,
    Fields,
    Prefilled,
    Raw,
    Source,
    Typed,
    lookup,
    values_of,
)
from engine.forms.rules import judge
from engine.forms.schema import Reader
from engine.forms.view import View, views
from engine.values import Finding, Value

_CONDITIONS = frozenset({"hide", "readonly", "required", "min", "max", "minLength", "maxLength"})
NOT_PART_OF_IT = "Este dato no forma parte del formulario."


class Form:
    """One form-js schema, read. Immutable and shared between threads."""

    def __init__(
        self,
        id: str,
        components: tuple[Component, ...],
        rules: tuple[Rule, ...],
        findings: tuple[Finding, ...] = (),
        used_by: str = "",
    ) -> None:
        self.id = id
        self.used_by = used_by
        """Who shows the form, when it is no user task: an action, a public page (`properties.usedBy`)."""
        self.components = components
        self.findings = findings
        """Warnings; errors raise."""
        self._rules = rules

    @classmethod
    def parse(cls, data: bytes, *, resource: str = "form", functions: Functions | None = None) -> Form:
        """Read a `.form` file. Raises FormError with all findings when there is an error among them.

        `functions`: the firm's functions that expressions may call; None accepts any name.
        """
        reader = Reader(resource, functions)
        document = reader.document(data)
        id = str(document.get("id") or "")
        if not id:
            reader.find(None, "form-id", "El formulario no tiene id.", "Escriba el id con que lo nombran los modelos.")
        components = reader.components(document["components"])
        rules = reader.rules(document)
        if any(finding.severity == "error" for finding in reader.findings):
            raise FormError(reader.findings)
        return cls(id, components, rules, tuple(reader.findings), reader.used_by(document))

    def render(
        self,
        data: Mapping[str, Value],
        errors: Mapping[str, str] | None = None,
        *,
        submitted: Mapping[str, Sequence[str]] | None = None,
        context: Any = None,
        now: datetime | None = None,
    ) -> tuple[View, ...]:
        """The visible components, to be drawn.

        `data` holds prefilled values, option lists and whatever else expressions need. With `submitted` (names of
        inputs → texts, as the browser sent them: a refused form, a draft, a refresh) the fields show what was typed,
        wrong values too.
        """
        prefilled = Prefilled(data)
        source: Source = prefilled if submitted is None else Raw(submitted, prefilled)
        fields = Fields(self.components, source, prefilled, Scope(data, context, now))
        return views(fields.roots, fields.scope(), errors or {})

    def validate(
        self,
        submitted: Mapping[str, Any],
        data: Mapping[str, Value],
        *,
        raw: bool,
        context: Any = None,
        now: datetime | None = None,
        files: Collection[str] | None = None,
    ) -> dict[str, Value]:
        """The typed values of all visible fields, nested by path; empty ones are None (lists: []).

        Hidden and disabled fields are left out, read-only ones keep the value of `data` whatever was sent. `raw`: the
        names and texts of a browser (names beginning with "_" and `csrf_token` are the page's own and ignored);
        otherwise typed values, nested or by dotted path, where what is left out keeps its prefilled value. `files`: ids
        of the files that were attached here; another id, of somebody else's file, is refused (None: not checked).
        Raises Invalid with a sentence for each wrong field, and for each value that has no field here.
        """
        prefilled = Prefilled(data)
        given = dict(submitted) if raw else _nest(submitted)
        source: Source = Raw(given, prefilled) if raw else Typed(given, prefilled)
        fields = Fields(self.components, source, prefilled, Scope(data, context, now))
        errors = self._forged(given, fields, raw=raw)
        for path in fields.too_many_rows:
            errors.setdefault(path, f"El máximo son {MAX_ROWS} renglones.")
        for field, scope in fields.visible():
            sentence = judge(field, scope) or self._foreign_file(field, data, files)
            if sentence:
                errors.setdefault(field.path, sentence)
        errors |= self._across(fields, errors)
        if errors:
            raise Invalid(errors)
        return values_of(fields.roots, submitted_only=True)

    @staticmethod
    def _foreign_file(field: Field, data: Mapping[str, Value], files: Collection[str] | None) -> str | None:
        if files is None or field.component.type != "filepicker":
            return None
        known = {*files, *(lookup(data, field.path) or ())}
        return None if known.issuperset(field.value or ()) else "Adjunte el archivo de nuevo: no se encontró."

    def _across(self, fields: Fields, wrong: Collection[str]) -> dict[str, str]:
        """Rules between fields refuse when they say false; null, for want of a value, lets pass.

        A rule about a field that is `wrong` in itself waits until that one is right.
        """
        scope, errors = fields.scope(), dict[str, str]()
        roots = {path.partition(".")[0] for path in wrong}
        for rule in self._rules:
            if roots.isdisjoint({*rule.expression.names, rule.field}) and scope.evaluate(rule.expression) is False:
                errors.setdefault(rule.field, rule.message)
        return errors

    def _forged(self, given: Mapping[str, Any], fields: Fields, *, raw: bool) -> dict[str, str]:
        """What was sent under names that this form does not have, or that it does not let anybody write."""
        known = {field.path: field.component for field in fields.everything() if field.component.is_input}
        names = _raw_names(given) if raw else _typed_names(given, known)
        errors = {}
        for name in names:
            if name not in known and not (raw and self._beyond(name, fields)):
                errors[name] = NOT_PART_OF_IT
            elif name in known and known[name].settings.get("disabled") is True:
                errors[name] = "Este campo no se puede cambiar."
        return errors

    @staticmethod
    def _beyond(name: str, fields: Fields) -> bool:
        """Rows above the limit have one error, at the list."""
        return any(name.startswith(f"{path}.") for path in fields.too_many_rows)

    def component(self, path: str) -> Component | None:
        """The component at a path, with any row numbers in it: `partidas.3.archivo`."""
        plain = ".".join(part for part in path.split(".") if not part.isdecimal())
        return next((c for where, c in self.fields() if where == plain), None)

    @property
    def takes_files(self) -> bool:
        return any(component.type == "filepicker" for _, component in self.fields())

    def fields(self) -> Iterator[tuple[str, Component]]:
        """Every input with its path, rows left out: (`partidas.archivo`, component)."""
        return _walk(self.components, "")

    def expressions(self) -> Iterator[Expression]:
        """Every FEEL expression of the form."""
        for component in _all(self.components):
            for dynamic in (component.label, component.description, *component.dynamic.values()):
                yield from dynamic.expressions()
        yield from (rule.expression for rule in self._rules)

    def conditions(self) -> Iterator[tuple[str, Expression]]:
        """(id of its component, expression) of everything that the values of other fields decide."""
        for component in _all(self.components):
            for name in _CONDITIONS & component.dynamic.keys():
                yield from ((component.id, expression) for expression in component.dynamic[name].expressions())


def add_row(submitted: Mapping[str, Sequence[str]], path: str) -> dict[str, list[str]]:
    """What a browser sent, with one more, empty row at the end of the list."""
    rows = _row_count(submitted, path)
    return {**{name: list(texts) for name, texts in submitted.items()}, f"{path}.{rows}.{ROW_MARK}": ["1"]}


def remove_row(submitted: Mapping[str, Sequence[str]], path: str, number: int) -> dict[str, list[str]]:
    """What a browser sent without one row (counted from 0); the rows after it move up."""
    kept: dict[str, list[str]] = {}
    start = path + "."
    for name, texts in submitted.items():
        row, _, rest = name[len(start) :].partition(".")
        if name.startswith(start) and row.isdecimal():
            if int(row) == number:
                continue
            if int(row) > number:
                name = f"{start}{int(row) - 1}.{rest}"
        kept[name] = list(texts)
    return kept


def _row_count(submitted: Mapping[str, Sequence[str]], path: str) -> int:
    start = path + "."
    numbers = (name[len(start) :].partition(".")[0] for name in submitted if name.startswith(start))
    return max((int(number) + 1 for number in numbers if number.isdecimal()), default=0)


def _walk(components: Sequence[Component], prefix: str) -> Iterator[tuple[str, Component]]:
    for component in components:
        path = prefix + component.key
        if component.is_input:
            yield path, component
        yield from _walk(component.children, path + "." if component.key else prefix)


def _all(components: Sequence[Component]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _all(component.children)


def _raw_names(given: Mapping[str, Any]) -> Iterator[str]:
    for name in given:
        last = name.rpartition(".")[2]
        if not name.startswith("_") and name != "csrf_token" and last not in (ROW_MARK, SHOWN_MARK):
            yield name


def _typed_names(given: Any, known: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted paths of the values in nested dicts and lists; the value of a known field is not looked into."""
    items = given.items() if isinstance(given, Mapping) else enumerate(given)
    for key, value in items:
        path = f"{prefix}{key}"
        if path not in known and isinstance(value, (Mapping, list, tuple)):
            yield from _typed_names(value, known, path + ".")
        else:
            yield path


def _nest(submitted: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names at the top become nested ones."""
    nested: dict[str, Any] = {}
    for name, value in submitted.items():
        parent, parts = nested, str(name).split(".")
        for part in parts[:-1]:
            held = parent.get(part)
            parent[part] = dict(held) if isinstance(held, Mapping) else {}
            parent = parent[part]
        parent[parts[-1]] = value
    return nested
