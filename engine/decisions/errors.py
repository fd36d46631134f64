"""What a decision refuses: a file that is no DMN, a logic that cannot run, a table that contradicts itself."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import EngineError
from engine.feel.spanish import in_spanish

MESSAGES = {
    # reading
    "xml": "The file cannot be read: {problem}",
    "namespace": "This is no DMN 1.2-1.5 file: its root is {root}.",
    "unsupported": "{what} is not supported.",
    "language": "The expression language {language} is not supported; write FEEL.",
    "no_logic": "The decision has no logic.",
    "no_body": "The function has no expression in FEEL; other languages are not supported.",
    "duplicate_id": "The id {id} is used twice.",
    "hit_policy": "There is no hit policy {policy}.",
    "aggregation": "The aggregation {aggregation} works on tables with one output only.",
    "cells": "The rule has {found} cells; the table has {expected} columns.",
    "output_names": "Every output of a table with several needs a name of its own.",
    "no_output": "The table has no output.",
    "unknown_function": "There is no function named {name}.",
    "unknown_argument": "There is no {text} that {name} could give.",
    "priorities": "Hit policy {policy} needs the list of values of an output, in order of priority.",
    "reference": "The reference {reference} leads to nothing.",
    "cycle": "The decision requires itself.",
    "syntax": "{problem}",
    "words": 'These are words, no expression: {text}. A text stands in quotes: "{text}".',
    # deciding
    "not_found": "There is no decision {id}.",
    "overlap": "The rules {rules} match at once, but the table is UNIQUE: at most one may.",
    "disagreement": "The rules {rules} match at once with different results, but the table is ANY: they must agree.",
    "input_value": "The input {input} is {value}, which is not among its values: {allowed}.",
    "input_type": "The input {input} is {value}, but it must be of type {type}.",
    "aggregate": "The results {values} cannot be aggregated by {aggregation}.",
    "priority_value": "The result {value} is not in the list of values that gives the priorities.",
    "evaluation": "{problem}",
}


MENSAJES = {
    "xml": "{problem}",
    "namespace": "No es un archivo DMN 1.2-1.5: su raíz es {root}.",
    "unsupported": "Esto no se admite: {what}.",
    "language": "El lenguaje de expresiones {language} no se admite; escriba FEEL.",
    "no_logic": "La decisión no tiene lógica.",
    "no_body": "La función no tiene expresión en FEEL; otros lenguajes no se admiten.",
    "duplicate_id": "El id «{id}» está dos veces.",
    "hit_policy": "No hay una política de aciertos {policy}.",
    "aggregation": "La agregación {aggregation} solo sirve en tablas con una salida.",
    "cells": "La regla tiene {found} celdas; la tabla tiene {expected} columnas.",
    "output_names": "Cada salida de una tabla con varias necesita un nombre propio.",
    "no_output": "La tabla no tiene salidas.",
    "priorities": "La política {policy} necesita los valores posibles de una salida, en orden de prioridad.",
    "reference": "La referencia {reference} no lleva a ninguna parte.",
    "cycle": "La decisión se requiere a sí misma.",
    "syntax": "{problem}",
    "words": '«{text}» no es una expresión. Un texto va entre comillas: "{text}".',
    "unknown_function": "No hay una función «{name}».",
    "unknown_argument": 'Se pide {name}("{text}"), que no existe.',
    "not_found": "No hay una decisión «{id}».",
    "overlap": "Las reglas {rules} coinciden a la vez, pero la tabla es UNIQUE: solo una puede.",
    "disagreement": "Las reglas {rules} coinciden con resultados distintos, pero la tabla es ANY: deben ser iguales.",
    "input_value": "La entrada «{input}» es {value}, que no está entre sus valores: {allowed}.",
    "input_type": "La entrada «{input}» es {value}, pero debe ser de tipo {type}.",
    "aggregate": "Los resultados {values} no se pueden agregar con {aggregation}.",
    "priority_value": "El resultado {value} no está en la lista que da las prioridades.",
    "evaluation": "{problem}",
}


class DecisionError(EngineError):
    """The decision could not be made."""

    code: ClassVar[str] = "decision_error"
    status: ClassVar[int] = 422

    def __init__(
        self,
        reason: str,
        *,
        decision_id: str | None = None,
        element_id: str | None = None,
        fault: EngineError | None = None,
        **params: Any,
    ) -> None:
        """`reason` is stable; `element_id` is the innermost element with an id: a cell, a column, a table. `fault`:
        the error of an expression, which says what the problem is."""
        self.reason = reason
        self.fault = fault
        if fault is not None:
            params["problem"] = fault.message
        self.params = params
        self.decision_id = decision_id
        self.element_id = element_id
        super().__init__(
            MESSAGES[reason].format(**params), reason=reason, decision_id=decision_id, element_id=element_id, **params
        )

    @property
    def spanish(self) -> str:
        """The message for people of the firm."""
        words = self.params if self.fault is None else {**self.params, "problem": in_spanish(self.fault)}
        return MENSAJES[self.reason].format(**words)
