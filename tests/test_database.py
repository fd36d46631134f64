"""The databases of the tests are what they claim to be."""

from sqlalchemy import create_engine, text


def test_each_test_gets_an_empty_database_of_its_kind(database_url: str, database_kind: str) -> None:
    database = create_engine(database_url)
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO only_here VALUES (1)"))
    assert database.dialect.name == database_kind
    database.dispose()


def test_nothing_is_left_over_from_another_test(database_url: str) -> None:
    test_each_test_gets_an_empty_database_of_its_kind(
        database_url, "sqlite" if database_url.startswith("sqlite") else "postgresql"
    )
