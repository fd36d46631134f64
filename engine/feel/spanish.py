"""What FEEL refuses, said in Spanish for the analysts who write expressions and the people who repair cases.

The keys are the stable reasons of `errors.py`; a test keeps both tables alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MENSAJES = {
    # reading
    "character": "El signo {found} no significa nada aquí.",
    "instead": "Escriba {instead} y no {found}.",
    "string_open": "Al texto que empieza aquí le faltan las comillas de cierre.",
    "expected": "Se esperaba {expected}; hay {found}.",
    "left_over": "La expresión termina antes de {found}; quizá falta un operador o una coma.",
    "empty": "La expresión está vacía.",
    "temporal": "«{text}» no es una fecha, hora ni duración.",
    "too_long": "La expresión tiene más de {limit} caracteres.",
    "too_deep": "La expresión tiene más de {limit} niveles, uno dentro de otro.",
    "pattern": "La expresión regular «{pattern}» no se acepta: {problem}.",
    "duplicate_key": "El contexto tiene dos entradas con el nombre «{name}».",
    "mixed_arguments": "O todos los argumentos de una llamada llevan nombre, o ninguno.",
    # evaluating
    "steps": "La evaluación tarda demasiado: más de {limit} pasos.",
    "depth": "La evaluación tiene demasiados niveles; quizá una función se llama a sí misma sin fin.",
    "text": "Un texto tendría más de {limit} caracteres.",
    "items": "Una lista tendría más de {limit} elementos.",
    "nesting": "Un valor tiene más de {limit} niveles, uno dentro de otro.",
    "result": "El resultado tiene más de {limit} partes.",
    "unknown_function": "No hay una función «{name}».",
    "function_failed": "La función «{name}» falló: {problem}.",
    "arguments": "La función «{name}» no admite estos argumentos; los suyos son ({parameters}).",
    "assertion": "No se cumple lo afirmado: {cause}.",
    "no_clock": "{name}() no se puede usar aquí: no hay hora.",
    "value": "{type} no es un valor de FEEL.",
    "not_finite": "Un número debe ser finito.",
    "json": "Esto no es JSON: {problem}.",
    "encoding": "Esto no es un valor codificado: {found}.",
}
_WORDS = {
    "a value": "un valor",
    "a name": "un nombre",
    "a type": "un tipo",
    "a name after the dot": "un nombre después del punto",
    "a text with a date, time or duration after @": "un texto con una fecha, hora o duración después de @",
    "the end": "el final",
}


def said(reason: str, params: Mapping[str, Any]) -> str:
    """The sentence for a reason."""
    words = {name: _WORDS.get(value, value) if isinstance(value, str) else value for name, value in params.items()}
    if reason == "expected":
        words["expected"] = words["expected"].replace(" or ", " o ")
    return MENSAJES[reason].format(**words)


def in_spanish(error: BaseException) -> str:
    """The sentence of an error for people of the firm: in Spanish where the error knows it, else as it is."""
    spanish = getattr(error, "spanish", None)
    return spanish if isinstance(spanish, str) else str(error)
