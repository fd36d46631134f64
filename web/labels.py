"""Words on the screen for the codes that records store: code → text, or (text, colour of its tag).

Written in Spanish; who looks one up gets it in the language of the request.
"""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from typing import Any

from flask_babel import gettext

from tasks import catalogos


class Labels(dict[str, Any]):
    """Code → words, translated when they are looked up. `dict.items(labels)` gives them as they are written."""

    def __getitem__(self, code: str) -> Any:
        return _translated(super().__getitem__(code))

    def get(self, code: Any, default: Any = None) -> Any:
        words = super().get(code)
        return default if words is None else _translated(words)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        return {code: _translated(words) for code, words in super().items()}.items()


def _translated(words: Any) -> Any:
    return (gettext(words[0]), *words[1:]) if isinstance(words, tuple) else gettext(words)


TIPO = Labels({**catalogos.TIPOS, "otro": "Otro", "no_se": "Por definir"})
SUBTIPO = Labels({code: name for names in catalogos.SUBTIPOS.values() for code, name in names.items()})
PROSPECTO = Labels(
    {
        "nuevo": ("Nuevo", "accent"),
        "en_contacto": ("En contacto", "accent"),
        "en_reunion": ("En reunión", "accent"),
        "en_documentos": ("Reuniendo documentos", "accent"),
        "en_analisis": ("En análisis", "accent"),
        "en_propuesta": ("En propuesta", "accent"),
        "propuesta_enviada": ("Propuesta enviada", "accent"),
        "ganado": ("Aceptado", "good"),
        "declinado_conflicto": ("Declinado", ""),
        "sin_respuesta": ("Sin respuesta", ""),
        "no_interesado": ("No interesado", ""),
        "no_es_competencia": ("No es de nuestra competencia", ""),
        "no_viable": ("No viable", ""),
        "rechazado_interno": ("Rechazado internamente", ""),
        "rechazado_cliente": ("Rechazado por el cliente", ""),
        "vencido": ("Propuesta vencida", ""),
    }
)
PROSPECTO_CLIENTE = Labels(
    {
        "nuevo": ("Recibimos su mensaje", "accent"),
        "en_contacto": ("En contacto", "accent"),
        "en_reunion": ("Reunión por celebrar", "accent"),
        "en_documentos": ("Reuniendo sus documentos", "accent"),
        "en_analisis": ("Analizamos su caso", "accent"),
        "en_propuesta": ("Preparamos su propuesta", "accent"),
        "propuesta_enviada": ("Propuesta por decidir", "accent"),
        "ganado": ("Aceptado", "good"),
        "concluido": ("Concluido", ""),
    }
)
"""What the client reads of a prospect; every end is «Concluido», without reasons (secreto profesional, §5.5)."""
ETAPAS_CLIENTE = (
    ("Contacto", ("nuevo", "en_contacto", "en_reunion")),
    ("Documentos", ("en_documentos", "en_analisis")),
    ("Propuesta", ("en_propuesta", "propuesta_enviada", "ganado")),
    ("Arranque", ("por_iniciar", "asignado")),
    ("Seguimiento", ("en_tramite", "suspendido")),
    ("Cierre", ("en_cierre", "cerrado", "archivado")),
)
"""The client's stages: name, and the states of prospect and matter that they stand for."""
ASUNTO = Labels(
    {
        "por_iniciar": ("Por iniciar", "warn"),
        "asignado": ("Asignado", "accent"),
        "en_tramite": ("En trámite", "accent"),
        "suspendido": ("Suspendido", "bad"),
        "en_cierre": ("En cierre", "accent"),
        "cerrado": ("Cerrado", "good"),
        "archivado": ("Archivado", ""),
        "cancelado": ("Cancelado", ""),
    }
)
FACTURA = Labels(
    {
        "borrador": ("Borrador", ""),
        "timbrada_simulada": ("Por pagar · simulada", "warn"),
        "timbrada": ("Por pagar", "warn"),
        "parcial": ("Pagada en parte", "warn"),
        "pagada": ("Pagada", "good"),
        "cancelada": ("Cancelada", ""),
        "incobrable": ("Incobrable", "bad"),
    }
)
FACTURA_TIPO = Labels(
    {
        "primera": "Primera factura",
        "saldo": "Saldo",
        "cargo": "Cargo",
        "nota_credito": "Nota de crédito",
    }
)
PLAZO = Labels(
    {
        "vivo": ("Corre", "warn"),
        "cumplido": ("Cumplido", "good"),
        "vencido": ("Vencido", "bad"),
        "sin_efecto": ("Sin efecto", ""),
    }
)
PLAZO_TIPO = Labels({"fatal": "Fatal", "interno": "Interno", "audiencia": "Audiencia"})
DOCUMENTO = Labels(
    {
        "pendiente": ("Pendiente", "warn"),
        "entregado": ("Entregado, por revisar", "accent"),
        "aceptado": ("Aceptado", "good"),
        "rechazado": ("Rechazado", "bad"),
        "sin_documento": ("Se sigue sin él", ""),
        "en_proceso": ("Se está generando", ""),
        "generado": ("Listo", "good"),
        "fallido": ("No se pudo generar", "bad"),
    }
)
CORREO = Labels(
    {
        "en_cola": ("En cola", ""),
        "enviado": ("Enviado", "good"),
        "fallido": ("No se pudo entregar", "bad"),
        "avisado_otro_medio": ("Avisado por otro medio", ""),
    }
)
REUNION = Labels(
    {
        "tentativa": ("Por confirmar", "warn"),
        "confirmada": ("Confirmada", "good"),
        "por_reprogramar": ("Por reprogramar", "bad"),
        "celebrada": ("Celebrada", ""),
        "cancelada": ("Cancelada", ""),
    }
)
REUNION_TIPO = Labels(
    {
        "cliente": "Reunión con el cliente",
        "equipo": "Reunión con el equipo",
        "sesion": "Presentación de la propuesta",
        "audiencia": "Audiencia",
    }
)
MODALIDAD = Labels({"presencial": "Presencial", "videollamada": "Videollamada", "telefonica": "Por teléfono"})
PROPUESTA = Labels(
    {
        "borrador": ("Borrador", ""),
        "en_aprobacion": ("En aprobación", "warn"),
        "devuelta": ("Devuelta", "bad"),
        "aprobada": ("Aprobada", "good"),
        "enviada": ("Enviada", "accent"),
        "aceptada": ("Aceptada", "good"),
        "rechazada": ("Rechazada", ""),
        "vencida": ("Vencida", ""),
        "sustituida": ("Sustituida", ""),
    }
)
ACTUACION = Labels(catalogos.ACTUACIONES)


def all_of_them() -> dict[str, Mapping[str, Any]]:
    """Every catalogue by its name in small letters, for templates."""
    return {name.lower(): value for name, value in globals().items() if isinstance(value, Labels)}
