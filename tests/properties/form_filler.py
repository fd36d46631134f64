"""Fills in a form as a person with a browser would, by chance: what is visible, with what its fields allow."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from io import BytesIO

from engine import Actor, Engine, Invalid
from engine.forms import View
from engine.forms.component import INPUT_TYPES

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF "
KNOWN = {
    "rfc": ("LOOF850412QX2", "TBA030715H22"),
    "cp_fiscal": ("03100",),
    "telefono": ("5512345678",),
    "razon_social": ("TRANSPORTES DEL BAJIO",),
}
"""Texts that a rule of the firm asks for, by the last part of the field's name."""
ROUNDS = 7


class Filler:
    """Random values for the forms of one engine."""

    def __init__(self, engine: Engine, dice: random.Random, special: Callable[[str], str | None]) -> None:
        """`special`: the text for a field that no chance finds, by its name, or None."""
        self.engine, self.dice, self.special = engine, dice, special

    def complete(self, task_id: str, actor: Actor, prefer: Sequence[str] = ()) -> bool:
        """Complete the user task; False when no try was accepted. `prefer`: options to choose where they are offered;
        what is prefilled is then left as it is. Raises what the verb raises, but Invalid."""
        given: dict[str, list[str]] = {}
        wrong: set[str] = set()
        for _ in range(ROUNDS):
            with self.engine.reading(actor) as tx:
                opened = tx.form(task_id)
                if opened.form is None:
                    break
                shown = opened.form.render(opened.data, submitted=given or None, context=opened.context, now=tx.now)
                now = tx.now
            given = self._answers(shown, given, wrong, task_id, actor, now, prefer)
            try:
                self.engine.complete(task_id, given, raw=True, by=actor)
            except Invalid as invalid:
                wrong = set(invalid.fields)
                continue
            return True
        return False

    def _answers(
        self,
        shown: Sequence[View],
        before: dict[str, list[str]],
        wrong: set[str],
        task_id: str,
        actor: Actor,
        now: datetime,
        prefer: Sequence[str],
    ) -> dict[str, list[str]]:
        answers: dict[str, list[str]] = {}
        for field in _flat(shown):
            if field.type == "dynamiclist":
                answers |= {mark: ["1"] for mark in field.row_marks}
                if field.may_add and (field.path in wrong or (not prefer and self.dice.random() < 0.2)):
                    answers[f"{field.path}.{len(field.rows)}._row"] = ["1"]
                continue
            if field.type not in INPUT_TYPES or field.disabled or field.readonly:
                continue
            if field.path in before and field.path not in wrong:
                answers[field.path] = before[field.path]
                continue
            found = self._answer(field, field.path in wrong, task_id, actor, now, prefer)
            if found is not None:
                answers[field.path] = found
        return answers

    def _answer(
        self, field: View, wrong: bool, task_id: str, actor: Actor, now: datetime, prefer: Sequence[str]
    ) -> list[str] | None:
        dice, must = self.dice, field.required or wrong
        keep = 0.7 if not prefer else 1.0
        offered = [text for text, _ in field.options if text]
        preferred = [text for text in prefer if text in offered]
        if preferred and not wrong:
            return preferred[:1]
        if field.type == "filepicker":
            return [self._file(field.path, task_id, actor)] if must or dice.random() < 0.2 else None
        if field.type == "checkbox":
            ticked = field.value is True if dice.random() < keep else dice.random() < 0.5
            return ["true"] if must or ticked else None
        if not wrong and (field.text or field.chosen) and dice.random() < keep:
            return [field.text] if not field.chosen else sorted(field.chosen)
        if not must and (prefer or dice.random() < 0.5):
            return None
        if offered:
            return [dice.choice(offered)]
        if field.options or field.type in ("radio", "select", "checklist", "taglist"):
            return None
        return [self._text(field, now)]

    def _text(self, field: View, now: datetime) -> str:
        dice, name = self.dice, field.path.rpartition(".")[2]
        if (special := self.special(name)) is not None:
            return special
        if name in KNOWN:
            return dice.choice(KNOWN[name])
        if field.type == "number":
            low, high = (int(float(limit)) if limit else None for limit in (field.min, field.max))
            low = 1 if low is None else low
            return str(dice.randint(low, low + 200 if high is None else high))
        if field.type == "datetime":
            days = dice.randint(-5, 15)
            moment = (now + timedelta(days=days)).replace(hour=dice.randint(16, 21), minute=0)
            local = moment - timedelta(hours=6)
            texts = {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "datetime": f"{local:%Y-%m-%dT%H:%M}"}
            return texts[field.subtype]
        if field.validation == "email" or name.startswith("correo"):
            return f"persona{dice.randint(1, 9)}@ejemplo.mx"
        if field.validation == "phone":
            return "5512345678"
        return f"Texto {dice.randint(1, 10**6)}"

    def _file(self, path: str, task_id: str, actor: Actor) -> str:
        data = BytesIO(PDF + str(self.dice.random()).encode())
        return self.engine.attach(task_id, path, data, "prueba.pdf", by=actor).id


def _flat(shown: Sequence[View]) -> Iterator[View]:
    for field in shown:
        yield field
        yield from _flat(field.children)
        for row in field.rows:
            yield from _flat(row)
