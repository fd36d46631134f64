"""HTTP and HTML of Cauce, and the one place where engine, firm and adapters are put together."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine

from web import accounts, assets, demo, errors, headers, home, inbox, people, permissions, texts
from web.settings import Settings

BLUEPRINTS = (home, inbox, people, demo)


def create_app(settings: Settings) -> Flask:
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
    database = create_engine(settings.database_url)
    app.extensions["database"] = database
    Babel(app)
    headers.init_app(app, tls=settings.tls)
    CSRFProtect(app)
    assets.init_app(app, settings.static)
    accounts.init_app(app, database)
    permissions.init_app(app)
    errors.init_app(app)
    texts.init_app(app)
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    _context(app, settings)
    permissions.check_declared(app)
    return app


def create_schema(database: Database) -> None:
    """Every table, without migrations: for tests."""
    from tasks.registros import Base as FirmBase
    from web.tables import metadata

    for tables in (FirmBase.metadata, metadata):
        tables.create_all(database)


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
        }
