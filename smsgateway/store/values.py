"""How values look in the database: the same text on both engines, sortable, readable in any tool."""

import os
from datetime import UTC, datetime

MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def moment_text(moment: datetime) -> str:
    """A moment as fixed-width UTC text, so that text order is time order on both engines."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored: pass an aware datetime")
    # isoformat and not strftime: years below 1000 would lose their zeros, and this is five times faster.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def moment(text: str) -> datetime:
    """The aware UTC moment that `moment_text` wrote."""
    return datetime.fromisoformat(text)


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, 5.7): opaque, unique, and sorting by the moment it was made."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    noise = int.from_bytes(os.urandom(10), "big")
    number = milliseconds << 80 | 0x7 << 76 | (noise >> 68 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
