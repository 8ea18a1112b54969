"""What a reply is read as: its kind, mark, words and flags."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a reply is; where several apply, the earlier in `PRIORITY` decides."""

    RATING = "rating"
    RATING_COMMENT = "rating+comment"
    COMMENT = "comment"
    DONT_KNOW = "dont_know"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    LANGUAGE = "language"
    WRONG_PERSON = "wrong_person"
    CONTACT_REQUEST = "contact_request"
    URGENT = "urgent"
    UNCLEAR = "unclear"


class Flag(StrEnum):
    """What a person or the conversation must know beside the kind."""

    MACHINE = "machine"
    DECEASED = "deceased"
    PROXY = "proxy"
    FLIPPED = "flipped"
    CORRECTION = "correction"
    DECLINED = "declined"
    NOT_CONCERNED = "not_concerned"
    EMPTY = "empty"
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"
    CONTACT_REQUEST = "contact_request"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply as a fair coordinator would understand it.

    `rating` lies on the scale asked or is None; `comment` keeps the person's own words; `language` is the
    one to answer in; `why` tells a coordinator in one sentence how the reading came about.
    """

    kind: Kind
    rating: int | None
    comment: str | None
    language: str
    why: str
    flags: frozenset[Flag] = frozenset()
    wanted_language: str | None = None
