import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from tasks.registros import Base


@pytest.fixture
def session():
    """The firm's tables, empty, on SQLite in memory."""
    database = create_engine("sqlite://")
    event.listen(database, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    Base.metadata.create_all(database)
    with Session(database) as session:
        yield session
    database.dispose()
