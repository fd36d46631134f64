"""What a running Cauce needs to know of its surroundings: read from the environment, each with a default that works.

| variable | meaning | default |
|---|---|---|
| `CAUCE_VAR` | folder of all that is written: database, files | `var` beside the sources |
| `CAUCE_DATABASE_URL` | `sqlite:///…` or `postgresql+psycopg://…` | a SQLite file in `CAUCE_VAR` |
| `CAUCE_SECRET_KEY` | signs sessions and forms, at least 32 characters | a file `secret` in `CAUCE_VAR`, made once |
| `CAUCE_BASE_URL` | how people reach this program; links in mails begin with it | `http://127.0.0.1:8000` |
| `CAUCE_SMTP_URL` | `smtp://user:password@host:587`; empty: mails lie in the mailbox only | empty |
| `CAUCE_MAIL_FROM` | sender of every mail | `Barrera & Solís Abogados <despacho@ejemplo.mx>` |
| `CAUCE_PAC_URL` | stamping provider, `https://services.sw.com.mx`; needs the extra `cfdi` | empty: none |
| `CAUCE_PAC_TOKEN` | token of the account there | empty |
| `CAUCE_DEMO` | `1`: demo, with a business clock that can be moved and data that can be reset | off |
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one program; `from_environment` for the real one, the constructor for tests."""

    var: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = ""
    mail_from: str = "Barrera & Solís Abogados <despacho@ejemplo.mx>"
    pac_url: str = ""
    pac_token: str = field(default="", repr=False)
    demo: bool = False
    clock: datetime | None = None
    """Where the business clock of a new demo begins; None: now."""
    processes: Path = field(default=ROOT / "processes" / "procedimiento_legal")
    """Folder of the process that this firm runs."""

    @property
    def static(self) -> Path:
        """Where `python -m web.build` puts the bundles: part of the set-up, not of the data."""
        return ROOT / "var" / "static"

    @property
    def files(self) -> Path:
        """Folder of uploaded and generated documents."""
        return self.var / "files"

    @property
    def shown_database(self) -> str:
        """The database's URL, without its password."""
        return make_url(self.database_url).render_as_string(hide_password=True)

    @property
    def tls(self) -> bool:
        """True when people come through TLS: cookies are then marked Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, *, demo: bool = False, clock: datetime | None = None
    ) -> Settings:
        """Raises ValueError, saying what to do, for a value that cannot be used."""
        var = Path(environment.get("CAUCE_VAR") or ROOT / "var")
        var.mkdir(parents=True, exist_ok=True)
        return cls(
            var=var,
            database_url=environment.get("CAUCE_DATABASE_URL") or f"sqlite:///{var / 'cauce.db'}",
            secret_key=environment.get("CAUCE_SECRET_KEY") or _secret_file(var / "secret"),
            base_url=(environment.get("CAUCE_BASE_URL") or "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=environment.get("CAUCE_SMTP_URL", ""),
            mail_from=environment.get("CAUCE_MAIL_FROM") or "Barrera & Solís Abogados <despacho@ejemplo.mx>",
            pac_url=environment.get("CAUCE_PAC_URL", ""),
            pac_token=environment.get("CAUCE_PAC_TOKEN", ""),
            demo=demo or environment.get("CAUCE_DEMO") == "1",
            clock=clock,
        )

    def __post_init__(self) -> None:
        if len(self.secret_key) < 32:
            raise ValueError("CAUCE_SECRET_KEY is shorter than 32 characters; make one: openssl rand -hex 32")


def _secret_file(path: Path) -> str:
    """The secret of this installation, made at the first start and readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_text()
