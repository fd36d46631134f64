"""HTTP and HTML of Cauce, and the one place where engine, firm and adapters are put together."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_locale
from flask_wtf.csrf import CSRFProtect

import tasks
from engine import Engine, Files, MovableClock, SystemClock
from tasks.acceso import Acceso
from tasks.adapters import Adapters
from web import (
    absences,
    accounts,
    actions,
    assets,
    calendars,
    contact,
    demo,
    errors,
    firm_settings,
    firm_times,
    headers,
    health,
    home,
    inbox,
    languages,
    legal_terms,
    logs,
    mailbox,
    matter_actions,
    matter_list,
    matters,
    money,
    ongoing,
    ops,
    people,
    permissions,
    portal,
    portal_data,
    portal_door,
    portal_file,
    procedures,
    second_step,
    studio,
    texts,
    user_tasks,
    workload,
)
from web.settings import Settings

BLUEPRINTS = (
    home,
    languages,
    inbox,
    user_tasks,
    matter_actions,
    matter_list,
    matters,
    ongoing,
    procedures,
    actions,
    money,
    workload,
    absences,
    mailbox,
    contact,
    people,
    portal,
    portal_file,
    portal_data,
    portal_door,
    second_step,
    ops,
    studio,
    health,
    demo,
    firm_settings,
    firm_times,
    calendars,
    legal_terms,
)


LARGEST_FILE = 20 * 2**20
"""Bytes of one upload (legal-process.md §1.3); pages and mails say so."""


def create_engine(settings: Settings) -> Engine:
    """The engine with the firm's handlers, rules and doors to the outside."""
    return Engine(
        settings.database_url,
        handlers=tasks.HANDLERS,
        given=tasks.DADAS,
        access=Acceso(),
        clock=MovableClock(start=settings.clock) if settings.demo else SystemClock(),
        adapters=Adapters.from_settings(settings),
        files=Files.in_folder(settings.files, LARGEST_FILE),
    )


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """The application, ready for a WSGI server. Raises `assets.NotBuilt` when `make setup` has not been run."""
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SESSION_COOKIE_NAME="cauce",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.tls,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=64 * 2**20,
        MAX_FORM_MEMORY_SIZE=4 * 2**20,
        BABEL_DEFAULT_LOCALE="es_MX",
        BABEL_DEFAULT_TIMEZONE="America/Mexico_City",
        SETTINGS=settings,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["engine"] = engine = engine or create_engine(settings)
    logs.init_app(app)
    languages.init_app(app)
    headers.init_app(app, tls=settings.tls)
    CSRFProtect(app)
    assets.init_app(app, settings.static)
    accounts.init_app(app, engine.database, engine.clock)
    permissions.init_app(app)
    errors.init_app(app)
    texts.init_app(app)
    procedures.init_app(app)
    # Two modules may share a blueprint: the two halves of the portal do.
    for blueprint in dict.fromkeys(module.blueprint for module in BLUEPRINTS):
        app.register_blueprint(blueprint)
    _context(app, settings)
    permissions.check_declared(app)
    return app


def create_schema(engine: Engine) -> None:
    """Every table, without migrations: for tests."""
    from tasks.registros import Base as FirmBase
    from web.tables import metadata

    engine.create_schema()
    for tables in (FirmBase.metadata, metadata):
        tables.create_all(engine.database)


def _context(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "g": g,
            "demo": settings.demo,
            "firm_name": people.firm_name(),
            "get_locale": get_locale,
            "business_now": texts.business_now,
            "group_titles": people.group_titles,
            "labels_of": matter_list.state_label,
            "client_state": matter_list.state_for_client,
        }
