"""What Jinja and typst say of a template that they cannot compose, in Spanish for the people who write it."""

from __future__ import annotations

import re
from collections.abc import Callable

FORMATOS = ("pesos", "porcentaje", "fecha", "fecha_larga", "momento", "hora", "enumerar")
"""Filters of the mails, beside those that Jinja brings."""
_PALABRAS = {
    "end of print statement": "el cierre }}",
    "end of statement block": "el cierre %}",
    "end of template": "el final del texto",
    "name": "un nombre",
}

_REGLAS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"No filter named '([^']*)'\.?", rf"no hay un formato «\1»; los que hay: {', '.join(FORMATOS)}."),
    (r"No test named '([^']*)'\.?", r"no hay una prueba «\1»."),
    (
        r".*The innermost block that needs to be closed is '(\w+)'\.?",
        r"falta cerrar {% \1 … %} con {% end\1 %}.",
    ),
    (r"Encountered unknown tag '(\w+)'\.?.*", r"no existe la instrucción {% \1 %}."),
    (
        r"expected token 'end of print statement', got '([^']*)'",
        r"sobra «\1»: entre {{ y }} va un dato, y después de | un formato.",
    ),
    (
        r"expected token '([^']*)', got '([^']*)'",
        lambda found: f"falta {_palabra(found[1])}; hay {_palabra(found[2])}.",
    ),
    (r"Missing end of comment tag", "falta cerrar un comentario con #}."),
    (r"Missing end of raw directive", "falta cerrar {% raw %} con {% endraw %}."),
    (r"""unexpected char ["'](.)["'] at \d+""", r"el signo «\1» no va aquí."),
    (r"expected name or number", "falta un nombre después del punto."),
    (r"Expected an expression, got .*", "falta una expresión."),
    (
        r"unexpected 'end of template'|[Uu]nexpected end of template\.?.*",
        "falta algo al final: una llave o una instrucción.",
    ),
    (r"unexpected '([^']*)'", r"el signo «\1» no va aquí; un dato se escribe {{ así }}."),
    (r"'(\w+)' is undefined", r"no hay un dato «\1»."),
    (r"'[^']*' has no attribute '(\w+)'", r"no hay un dato «\1» ahí."),
    (r"block '(\w+)' defined twice", r"el bloque «\1» está dos veces."),
    (r"unknown variable: (\S+)", r"no hay una función ni un nombre «\1»."),
    (r'dictionary does not contain key "([^"]*)"', r"no hay un dato «\1» ahí."),
    (r"unclosed delimiter", "falta cerrar un paréntesis, corchete o llave."),
    (r"unclosed string", "falta cerrar unas comillas."),
    (r"file not found \(searched at (.*)\)", r"no existe el archivo «\1»."),
    (r"unexpected argument(?:: (\S+))?", "sobra un argumento."),
    (r"expected block", "falta un bloque entre corchetes."),
    (r"expected expression", "falta una expresión."),
    (r"cyclic import", "se llama a sí mismo."),
    (r"cannot loop over .*", "esto no es una lista que se pueda recorrer."),
    (r"([\w./-]+\.(?:j2|html))", r"no existe la plantilla «\1»."),
)

_DE_TYPST = re.compile(r"\s*(error:|help:|= hint:|= help:)")


def en_espanol(mensaje: str) -> str:
    """The first line of a message, said in Spanish where it is a known one; of what follows, what shows the place."""
    primero, _, resto = mensaje.partition("\n")
    donde, _, que = primero.rpartition(", renglón ")
    numero, dos_puntos, dicho = que.partition(": ") if donde else ("", "", primero)
    for patron, traduccion in _REGLAS:
        if hallado := re.fullmatch(rf"(?:{patron})\s*", dicho.strip(), re.DOTALL):
            dicho = traduccion(hallado) if callable(traduccion) else hallado.expand(traduccion)
            break
    lugar = f"{donde}, renglón {numero}{dos_puntos}" if donde else ""
    muestra = [linea for linea in resto.splitlines() if not _DE_TYPST.match(linea)]
    return "\n".join([f"{lugar}{dicho}", *muestra]).strip()


def renglon(mensaje: str, archivo: str) -> int | None:
    """The line of this file that a message is about, as far as it says."""
    hallado = re.search(rf"{re.escape(archivo)}, renglón (\d+)", mensaje) or re.search(
        rf"{re.escape(archivo.rpartition('/')[2])}:(\d+)", mensaje
    )
    return int(hallado[1]) if hallado else None


def _palabra(que: str) -> str:
    return _PALABRAS.get(que, f"«{que}»")
