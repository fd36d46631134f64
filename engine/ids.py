"""Ids: opaque, short, unguessable enough not to collide, and increasing with time, so that indexes grow at one end."""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH_MS = 1_735_689_600_000  # 2025-01-01
_RANDOM_BITS = 40
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """16 characters: 40 bits of milliseconds since 2025 (until 2059), 40 random bits.

    Greater than every id before it in this program, also within one millisecond and when the clock is set back: what
    one step sends, opens or attaches keeps its order.
    """
    global _last
    number = ((time.time_ns() // 1_000_000 - _EPOCH_MS) & (1 << 40) - 1) << _RANDOM_BITS
    number |= secrets.randbits(_RANDOM_BITS)
    with _lock:
        if number <= _last:
            number = _last + 1 + secrets.randbits(20)
        _last = number
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -5, -5))
