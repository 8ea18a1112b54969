"""Reading replies: what a text says, as a fair coordinator would take it.

A wrong mark is worse than a question.
"""

from surveys.reading.model import Flag, Kind, Reading
from surveys.reading.reader import read

__all__ = ["Flag", "Kind", "Reading", "read"]
