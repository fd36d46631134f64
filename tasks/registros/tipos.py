"""Column types of the firm's tables: exact money, whole numbers, JSON, ids.

They accept what forms and FEEL hand over (numbers are Decimal) and give back one Python type on SQLite and PostgreSQL.
"""

from __future__ import annotations

import secrets
import time
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine import FeelJson
from engine.feel import check_value


def nuevo_id() -> str:
    """A new record id: 24 hex digits that sort in order of creation and cannot be guessed."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


class Dinero(TypeDecorator[Decimal]):
    """MXN (or a percentage, or a mark) with exactly two decimals: Numeric(14,2); centavos on SQLite, which has no exact
    decimals. Sums and comparisons work in SQL on both.

    Raises ValueError for floats and for fractions of a centavo: whoever computes rounds (ROUND_HALF_UP), not the table.
    """

    impl = Numeric(14, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return BigInteger() if dialect.name == "sqlite" else Numeric(14, 2)

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise ValueError(f"{value!r} is no exact amount")
        centavos = Decimal(value) * 100
        if centavos != centavos.to_integral_value():
            raise ValueError(f"{value} has fractions of a centavo")
        return int(centavos) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(int(value)).scaleb(-2) if dialect.name == "sqlite" else Decimal(value)


class Entero(TypeDecorator[int]):
    """A whole number; accepts a whole Decimal too."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value != int(value):
            raise ValueError(f"{value} is no whole number")
        return int(value)


class Datos(FeelJson):
    """Structured content without columns of its own, as FEEL values: amounts, dates and moments come back exact; whole
    numbers come back as Decimal. Assign a new value to change it; changes inside are not seen."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return super().process_bind_param(check_value(value), dialect)
