"""What the demo's pages say, in three languages, and how they write numbers and days."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from surveys import yamlfile
from surveys.definition import PerLanguage
from surveys.texting import short_date

LANGUAGES: Mapping[str, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

HERE = Path(__file__).parent


class _Words(BaseModel):
    """Each text in all three languages: a missing one is told with its line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: Mapping[str, PerLanguage[str]]
    outcome: Mapping[str, PerLanguage[str]]
    kind: Mapping[str, PerLanguage[str]]


@cache
def _words() -> _Words:
    return yamlfile.load(HERE / "words.yaml", _Words)


class Speech:
    """The pages' voice in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return _words().page[key].of(self.language).format(**values)

    def outcome(self, code: str) -> str:
        """A ledger's code in words; one that is not known, as it is."""
        found = _words().outcome.get(code)
        return found.of(self.language) if found else code.replace("_", " ")

    def kind(self, kind: str) -> str:
        return _words().kind[kind].of(self.language)

    def number(self, value: float, digits: int = 0) -> str:
        """1 234,5 in Finnish and Swedish, 1,234.5 in English."""
        text = f"{value:,.{digits}f}".replace("-", "\u2212")
        return text if self.language == "en" else text.replace(",", "\u00a0").replace(".", ",")

    def signed(self, value: float, digits: int = 0) -> str:
        text = self.number(value, digits)
        return f"+{text}" if round(value, digits) > 0 else text

    def share(self, value: float | None) -> str:
        if value is None:
            return "\u2013"
        text = self.number(100 * value)
        return f"{text}%" if self.language == "en" else f"{text}\u00a0%"

    def day(self, text: str) -> str:
        return short_date(date.fromisoformat(text[:10]), self.language)

    def month(self, text: str) -> str:
        """ "2026-11" as 11/2026, which all three read alike."""
        year, month = text.split("-")
        return f"{int(month)}/{year}"
