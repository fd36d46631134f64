"""The press itself: a program of its own, run by `tasks.imprenta`, never imported by the firm.

It reads questions from its standard input (length, JSON), forks a child for each, and writes the answers to its
standard output. The child gives up every right it can, composes one piece and ends. Kept small: it loads Jinja,
typst, `formato.py` and `marcado.py`, nothing else of the firm.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import importlib.util
import json
import os
import re
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2.debug
import jinja2.exceptions
import typst
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup


def _vecino(nombre: str) -> ModuleType:
    """A file beside this one, loaded without the package that it belongs to."""
    ruta = importlib.util.spec_from_file_location(nombre, Path(__file__).with_name(f"{nombre}.py"))
    assert ruta is not None
    assert ruta.loader is not None
    modulo = importlib.util.module_from_spec(ruta)
    ruta.loader.exec_module(modulo)
    return modulo


formato, marcado = _vecino("formato"), _vecino("marcado")

FUENTES = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
"""Those inside typst only: the same bytes on every machine."""

PARTES = ("asunto", "preencabezado", "saludo", "cuerpo", "boton", "nota", "despedida")
"""Blocks of a mail template, in the order of `mail/_base.j2`."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_RESPUESTA = 3
"""File descriptor on which a child answers."""
_LIBC = ctypes.CDLL(None, use_errno=True)


class Falla(Exception):
    """What an analyst is told."""


# --- the helper


def servir() -> None:
    """Answer questions until standard input ends."""
    _calentar()
    entrada, salida = sys.stdin.buffer, sys.stdout.buffer
    while len(largo := entrada.read(4)) == 4:
        pedido = json.loads(entrada.read(int.from_bytes(largo)))
        respuesta = _en_un_hijo(pedido)
        salida.write(len(respuesta).to_bytes(4) + respuesta)
        salida.flush()


def _calentar() -> None:
    """Load what Python and Jinja load late: the children, shut into an empty folder, could not."""
    ahora = datetime(2027, 1, 1, tzinfo=formato.ZONA)
    ambiente = _ambiente({"a": "{{ x['\\n'] }}{% for y in x %}{{ y | join }}{% endfor %}"}, escapar=True)
    for x in ({"\n": ahora}, {}, None, Decimal("1.10")):
        with contextlib.suppress(jinja2.exceptions.TemplateError, TypeError):
            ambiente.get_template("a").render(x=x)
    with contextlib.suppress(jinja2.exceptions.TemplateError):
        ambiente.from_string("{% bad %}")


def _en_un_hijo(pedido: Mapping[str, Any]) -> bytes:
    limites = pedido["limites"]
    carpeta = tempfile.mkdtemp(prefix="cauce-")
    lee, escribe = os.pipe()
    try:
        hijo = os.fork()
        if hijo == 0:
            os.close(lee)
            _componer(pedido, carpeta, escribe)
        os.close(escribe)
        escribe = -1
        texto = _leer(lee, hijo, limites)
        _, estado = os.waitpid(hijo, 0)
        return texto if texto is not None and estado == 0 else _error(_causa(estado, texto, limites))
    finally:
        os.close(lee)
        if escribe != -1:
            os.close(escribe)
        shutil.rmtree(carpeta, ignore_errors=True)


def _leer(lee: int, hijo: int, limites: Mapping[str, Any]) -> bytes | None:
    """All that the child writes; None, and the child killed, when it takes too long or writes too much."""
    partes, total, fin = [], 0, time.monotonic() + limites["espera"]
    while True:
        listo, _, _ = select.select([lee], [], [], max(0, fin - time.monotonic()))
        parte = os.read(lee, 1 << 16) if listo else b""
        if parte:
            partes.append(parte)
            total += len(parte)
        elif listo:
            return b"".join(partes)
        if not listo or total > 2 * limites["maximo"]:
            os.kill(hijo, signal.SIGKILL)
            return None


def _causa(estado: int, texto: bytes | None, limites: Mapping[str, Any]) -> str:
    if os.WIFSIGNALED(estado) and os.WTERMSIG(estado) in (signal.SIGXCPU, signal.SIGKILL):
        return f"tardó más de {limites['segundos']} segundos o pasó de {limites['megabytes']} MB."
    return f"pasó de {limites['megabytes']} MB o falló el programa que lo compone."


def _error(mensaje: str) -> bytes:
    return json.dumps({"error": mensaje}).encode()


# --- the child


def _componer(pedido: Mapping[str, Any], carpeta: str, escribe: int) -> None:
    """Compose one piece, write the answer, end the process: this never returns."""
    nada = os.open(os.devnull, os.O_RDWR)
    for numero in (0, 1, 2):
        os.dup2(nada, numero)
    os.dup2(escribe, _RESPUESTA)
    os.closerange(_RESPUESTA + 1, 256)
    try:
        _encerrar(pedido, carpeta)
        respuesta = json.dumps(_HACER[pedido["que"]](pedido)).encode()
    except Falla as falla:
        respuesta = _error(str(falla))
    except MemoryError:
        respuesta = _error(f"pasó de {pedido['limites']['megabytes']} MB.")
    except RecursionError:
        respuesta = _error("se llama a sí misma sin fin.")
    except Exception as error:
        respuesta = _error(f"{type(error).__name__}: {error}")
    with contextlib.suppress(BaseException):
        while respuesta:
            respuesta = respuesta[os.write(_RESPUESTA, respuesta) :]
        os._exit(0)
    os._exit(1)


def _encerrar(pedido: Mapping[str, Any], carpeta: str) -> None:
    """Limits, no network, no other file than the bundle's. What the system does not allow (namespaces without a
    right to them) is left out: the sandbox of Jinja and the root of typst hold without it."""
    limites = pedido["limites"]
    if pedido["que"] == "documento":
        _escribir_archivos(pedido, Path(carpeta))
    os.chdir(carpeta)
    if _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        _LIBC.unshare(_CLONE_NEWNET)
    with contextlib.suppress(OSError):
        os.chroot(carpeta)
        os.chdir("/")
    memoria = limites["megabytes"] << 20
    for cual, valor in (
        (resource.RLIMIT_CPU, limites["segundos"]),
        (resource.RLIMIT_AS, memoria),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(cual, (valor, valor))


def _escribir_archivos(pedido: Mapping[str, Any], carpeta: Path) -> None:
    for nombre, contenido in pedido["archivos"].items():
        destino = (carpeta / nombre).resolve()
        if not destino.is_relative_to(carpeta.resolve()):
            raise Falla(f"el archivo «{nombre}» se sale de la carpeta.")
        destino.parent.mkdir(parents=True, exist_ok=True)
        destino.write_bytes(base64.b64decode(contenido))
    datos = json.dumps(_para_typst(_valor(pedido["datos"])), ensure_ascii=False)
    (carpeta / "datos.json").write_text(datos, encoding="utf-8")


# --- documents


def _documento(pedido: Mapping[str, Any]) -> dict[str, Any]:
    for nombre, contenido in pedido["archivos"].items():
        if nombre.endswith(".typ") and b'"@' in base64.b64decode(contenido):
            raise Falla(f"«{nombre}» usa un paquete de fuera («@…»); sólo valen los archivos de este proceso.")
    if f"{pedido['plantilla']}.typ" not in pedido["archivos"]:
        raise Falla(f"no existe documents/{pedido['plantilla']}.typ.")
    aqui = os.getcwd()
    compilador = typst.Compiler(
        root=aqui, font_paths=FUENTES, package_path=f"{aqui}/nada", package_cache_path=f"{aqui}/nada"
    )
    try:
        pdf = compilador.compile(
            input=f"{aqui.rstrip('/')}/{pedido['plantilla']}.typ",
            format="pdf",
            pdf_standards="a-2a",
            timestamp=pedido["momento"],
        )
        # Pictures of the pages, after the PDF: what its standard refuses is refused for them, too.
        hojas = _hojas(compilador, pedido) if pedido.get("hojas") else []
    except typst.TypstError as error:
        raise Falla(f"{error.message}\n{error.diagnostic}".strip()) from None
    assert isinstance(pdf, bytes)
    if len(pdf) + sum(map(len, hojas)) > pedido["limites"]["maximo"]:
        raise Falla("el PDF es demasiado grande.")
    return {"pdf": _en_base64(pdf), "hojas": [_en_base64(hoja) for hoja in hojas]}


def _hojas(compilador: typst.Compiler, pedido: Mapping[str, Any]) -> list[bytes]:
    entrada = f"{os.getcwd().rstrip('/')}/{pedido['plantilla']}.typ"
    hojas = compilador.compile(input=entrada, format="png", ppi=96, timestamp=pedido["momento"])
    return [hojas] if isinstance(hojas, bytes) else [bytes(hoja) for hoja in hojas or ()]


def _en_base64(datos: bytes) -> str:
    return base64.b64encode(datos).decode()


def _para_typst(valor: Any) -> Any:
    """JSON that typst reads: amounts as text with their decimals, moments in the firm's zone."""
    if isinstance(valor, dict):
        return {clave: _para_typst(v) for clave, v in valor.items()}
    if isinstance(valor, list):
        return [_para_typst(v) for v in valor]
    if isinstance(valor, datetime):
        return valor.astimezone(formato.ZONA).isoformat(timespec="minutes")
    if isinstance(valor, Decimal | date | timedelta):
        return str(valor)
    return valor


# --- mails


def _correo(pedido: Mapping[str, Any]) -> dict[str, str]:
    textos = {n: base64.b64decode(c).decode("utf-8") for n, c in pedido["archivos"].items()}
    nombre = f"{pedido['plantilla']}.j2"
    if nombre not in textos:
        raise Falla(f"no existe mail/{nombre}.")
    datos = _valor(pedido["datos"])
    try:
        partes = _partes(_ambiente(textos, escapar=False).get_template(nombre).render(datos))
        bloques = {parte: list(marcado.bloques(partes[parte])) for parte in ("saludo", "cuerpo", "nota", "despedida")}
        contexto = {**datos, **partes, **bloques, "enlace": datos.get("enlace")}
        html = _ambiente(textos, escapar=True).get_template("_base.html").render(contexto)
    except jinja2.exceptions.TemplateSyntaxError as error:
        raise Falla(f"mail/{error.name}, renglón {error.lineno}: {error.message}") from None
    except jinja2.exceptions.TemplateError as error:
        raise Falla(error.message or type(error).__name__) from None
    return {"asunto": partes["asunto"], "texto": _texto(bloques, partes["boton"], datos), "html": html}


class _Marca(str):
    """Separates the parts; what comes out of a value can never be one."""

    __slots__ = ()


def _ambiente(textos: Mapping[str, str], *, escapar: bool) -> ImmutableSandboxedEnvironment:
    ambiente = ImmutableSandboxedEnvironment(
        loader=DictLoader(textos),
        undefined=StrictUndefined,
        autoescape=escapar,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_escrito,
    )
    for filtro in ("pesos", "porcentaje", "fecha", "fecha_larga", "momento"):
        ambiente.filters[filtro] = getattr(formato, filtro)
    ambiente.filters["hora"] = lambda valor: f"{valor.astimezone(formato.ZONA):%H:%M}"
    ambiente.filters["enumerar"] = _enumerar
    ambiente.globals["parte"] = lambda nombre: _Marca(f"\x1e{nombre}\x1f")
    return ambiente


def _escrito(valor: Any) -> Any:
    """How a value reads when a template gives no filter; control characters never get through."""
    if isinstance(valor, _Marca | Markup):
        return valor
    if valor is None:
        return ""
    if isinstance(valor, bool):
        return "sí" if valor else "no"
    if isinstance(valor, Decimal):
        return f"{valor.normalize():f}"
    if isinstance(valor, datetime):
        return formato.momento(valor)
    if isinstance(valor, date):
        return formato.fecha(valor)
    if isinstance(valor, str):
        return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", valor)
    return valor


def _enumerar(valores: list[str]) -> str:
    """`a, b y c`."""
    return " y ".join(filter(None, (", ".join(valores[:-1]), *valores[-1:])))


def _partes(texto: str) -> dict[str, str]:
    pares = [parte.partition("\x1f") for parte in texto.split("\x1e")[1:]]
    partes = {nombre: contenido.strip() for nombre, _, contenido in pares}
    faltan = [parte for parte in PARTES if parte not in partes]
    if faltan:
        raise Falla(f'falta el bloque «{faltan[0]}»; la plantilla debe empezar con {{% extends "_base.j2" %}}.')
    partes["asunto"] = " ".join(partes["asunto"].split())
    partes["boton"] = " ".join(partes["boton"].split())
    partes["preencabezado"] = " ".join(partes["preencabezado"].split())
    if not partes["asunto"] or not partes["cuerpo"]:
        raise Falla("los bloques «asunto» y «cuerpo» no pueden quedar vacíos.")
    return partes


def _texto(bloques: Mapping[str, list[dict[str, Any]]], boton: str, datos: Mapping[str, Any]) -> str:
    """The plain-text side of the mail: the same words in the same order."""

    def parrafos(parte: str) -> list[str]:
        return [bloque["texto"].replace("**", "") for bloque in bloques[parte]]

    piezas = [*parrafos("saludo"), *parrafos("cuerpo")]
    if boton and datos.get("enlace"):
        piezas.append(f"{boton}:\n{datos['enlace']}")
    piezas += [*parrafos("nota"), *parrafos("despedida")]
    despacho = datos["despacho"]
    pie = [despacho["nombre"], despacho["domicilio"], f"{despacho['telefono']} · {despacho['correo']}"]
    if datos.get("aviso_url"):
        pie.append(f"Aviso de privacidad: {datos['aviso_url']}")
    return "\n\n".join([*piezas, "-- \n" + "\n".join(pie)]) + "\n"


def _valor(dato: Any) -> Any:
    """Back from the JSON of `engine.feel.to_json`; durations stay text."""
    if isinstance(dato, list):
        return [_valor(parte) for parte in dato]
    if isinstance(dato, int) and not isinstance(dato, bool):
        return Decimal(dato)
    if not isinstance(dato, dict):
        return dato
    ((marca, contenido),) = dato.items()
    if marca == "c":
        return {clave: _valor(parte) for clave, parte in contenido.items()}
    return _LEER.get(marca, str)(contenido)


_LEER: dict[str, Callable[[str], Any]] = {
    "n": Decimal,
    "d": date.fromisoformat,
    # `tasks.imprenta` sends moments in UTC.
    "dt": datetime.fromisoformat,
}
_HACER: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"correo": _correo, "documento": _documento}

if __name__ == "__main__":
    servir()
