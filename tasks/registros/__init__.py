"""Records of the firm: tables that are the truth about clients, matters, money and deadlines (legal-process.md §4).

Process variables carry ids of these records and decision inputs only. Names are the firm's own words.
"""

from __future__ import annotations

from tasks.registros.asuntos import (
    ESTADOS_ACTIVOS,
    ZONAS,
    AsignacionHistorial,
    Asunto,
    Avance,
    Bono,
    Cancelacion,
    Encuesta,
    Informe,
    Reunion,
)
from tasks.registros.base import Base, Registro
from tasks.registros.cobranza import ESTADOS_POR_COBRAR, Factura, GestionCobranza, Pago
from tasks.registros.despacho import (
    Ajuste,
    Asesor,
    Ausencia,
    Colaborador,
    Correo,
    Enlace,
    EventoBitacora,
    Folio,
    Plantilla,
)
from tasks.registros.nombres import normalizar
from tasks.registros.personas import (
    ESTADOS_ABIERTOS,
    ESTADOS_FINALES,
    Analisis,
    Consentimiento,
    Duda,
    Oportunidad,
    Parte,
    Persona,
    Prospecto,
    RevisionConflicto,
    SolicitudArco,
)
from tasks.registros.plazos import DiaInhabil, Plazo, PlazoCatalogo
from tasks.registros.propuestas import CodigoFirma, Documento, Propuesta
from tasks.registros.tipos import Dinero, nuevo_id

__all__ = [
    "ESTADOS_ABIERTOS",
    "ESTADOS_ACTIVOS",
    "ESTADOS_FINALES",
    "ESTADOS_POR_COBRAR",
    "ZONAS",
    "Ajuste",
    "Analisis",
    "Asesor",
    "AsignacionHistorial",
    "Asunto",
    "Ausencia",
    "Avance",
    "Base",
    "Bono",
    "Cancelacion",
    "CodigoFirma",
    "Colaborador",
    "Consentimiento",
    "Correo",
    "DiaInhabil",
    "Dinero",
    "Documento",
    "Duda",
    "Encuesta",
    "Enlace",
    "EventoBitacora",
    "Factura",
    "Folio",
    "GestionCobranza",
    "Informe",
    "Oportunidad",
    "Pago",
    "Parte",
    "Persona",
    "Plantilla",
    "Plazo",
    "PlazoCatalogo",
    "Propuesta",
    "Prospecto",
    "Registro",
    "Reunion",
    "RevisionConflicto",
    "SolicitudArco",
    "normalizar",
    "nuevo_id",
]
