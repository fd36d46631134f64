"""Rules about the keys of a form: the handler that receives its values finds what it reads, and reads what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.checks.variables import everything_given
from engine.definitions.model import Element
from engine.form_keys import FormKeys
from engine.forms import Form


def _received(material: Material) -> Iterator[tuple[str, Form, Element, FormKeys]]:
    """(file, form, user task, what its handler reads) of every form whose values a handler receives."""
    by_id = {form.id: (resource, form) for resource, form in material.forms.items()}
    for _, element in material.elements("userTask"):
        wanted = material.form_keys.get(element.handler or "")
        if wanted is not None and element.form_id in by_id:
            resource, form = by_id[element.form_id]
            yield resource, form, element, wanted


def missing_key(material: Material) -> Iterator[Problem]:
    """A handler reads keys of the form that its user task shows; without one the task could not be finished."""
    for resource, form, element, wanted in _received(material):
        have = {path.partition(".")[0] for path, _ in form.fields()}
        for key in sorted(wanted.needed - have):
            near = get_close_matches(key, have - wanted.needed - wanted.sometimes, 1, 0.5)
            message = f"Falta la clave «{key}»: sin ella no se puede terminar {named(element)}."
            remedy = f"¿Se cambió por «{near[0]}»?" if near else f"Ponga un campo con la clave «{key}»."
            yield Problem(resource, None, message, remedy)


def unread_key(material: Material) -> Iterator[Problem]:
    """What people type in a form is kept: its handler reads it, or the form itself does."""
    kept: dict[tuple[str, str], bool] = {}
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for resource, form, element, wanted in _received(material):
        own = {name for expression in form.expressions() for name in expression.names}
        known = wanted.needed | wanted.sometimes | own
        for path, component in form.fields():
            key = path.partition(".")[0]
            where = resource, component.id
            # A file is kept by itself, with the matter.
            keeps = not wanted.complete or key in known or component.type == "filepicker"
            kept[where] = kept.get(where, False) or keeps
            said[where] = key, element.handler or ""
    for (resource, id), is_kept in kept.items():
        if not is_kept:
            key, handler = said[resource, id]
            message = f"Nadie guarda lo que se escriba en «{key}»: {handler} no lo lee."
            yield Problem(resource, id, message, "Use una clave de las que lee, o pida que se agregue.", "warning")


def misspelt_key(material: Material) -> Iterator[Problem]:
    """A name in a condition of a form that is none of its keys, but nearly one, is most likely a slip.

    A warning: the handler may give the form values of its own.
    """
    given = everything_given(material)
    if given is None:
        return
    for resource, form in material.forms.items():
        keys = {part for path, _ in form.fields() for part in path.split(".")}
        for id, expression in form.conditions():
            for name in sorted(expression.names - keys - given):
                near = get_close_matches(name, keys, 1, 0.8)
                if near:
                    message = f"Una condición usa «{name}», que no es la clave de ningún campo."
                    yield Problem(resource, id, message, f"¿Quiso decir «{near[0]}»?", "warning")


RULES = (missing_key, unread_key, misspelt_key)
