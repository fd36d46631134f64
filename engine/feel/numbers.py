"""The arithmetic of FEEL numbers: decimals of 34 digits (IEEE 754-2008 decimal128; DMN 1.5, 10.3.2.3.1).

What has no finite value is null.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

NUMBERS = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
"""Never raises; the result of a forbidden operation is NaN or infinite and becomes null by `finite`."""


def finite(number: Decimal) -> Decimal | None:
    """The number, or null when it is not finite."""
    return number if number.is_finite() else None


def whole(number: object, limit: int = 1_000_000_000) -> int | None:
    """The int of a whole number of at most `limit`, else None. Bounded before conversion: 1e6000 has 6001 digits."""
    if type(number) is not Decimal or not -limit <= number <= limit:
        return None
    integer = int(number)
    return integer if integer == number else None
