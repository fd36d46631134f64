"""Tables of the studio: what analysts changed and nobody has published yet, and what was said at each publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine import UtcDateTime
from web.tables import Base


class DraftFile(Base):
    """One file that differs from what is published; without such a row the draft is what is published."""

    __tablename__ = "draft_file"

    path: Mapped[str] = mapped_column(String(255), primary_key=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None: the file is deleted in the draft."""
    base: Mapped[str | None] = mapped_column(String(64))
    """Revision of the published file that the change began with; None: there was none."""
    author: Mapped[str] = mapped_column(String(255))
    changed: Mapped[datetime] = mapped_column(UtcDateTime)


class Publication(Base):
    """What the publisher said about a deployment."""

    __tablename__ = "publication"

    deployment_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    note: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(255))
    published: Mapped[datetime] = mapped_column(UtcDateTime)


class ScenarioOutcome(Base):
    """How a scenario went on files with exactly this content."""

    __tablename__ = "scenario_outcome"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hash of the process's files, the scenario and those that it continues."""
    path: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text)
    passed: Mapped[bool]
    steps: Mapped[int]
    step: Mapped[int]
    """Number of the step that did not go as told; 0: none, or it could not begin."""
    problem: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`taken`: [process, sequence flow]; `excused`: `process.flow`; `unforeseen`: element; `undone`."""
    author: Mapped[str] = mapped_column(String(255))
    ran: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """Real time."""
