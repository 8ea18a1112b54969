"""The table a coordinator can read: what counts as what, written out of the word files."""

from collections.abc import Iterator

from surveys.reading import lexicon

_SHOWN = 14  # entries of a group that are shown; the word file has them all

_COMMANDS = (
    ("commands.opt_out.alone", "Stops all texts (`opt_out`)", "alone in a sentence, a mark may stand beside"),
    ("commands.opt_out.whole", "Stops all texts (`opt_out`)", "only as the whole reply"),
    ("commands.opt_in.alone", "Starts texts again (`opt_in`)", "as the whole reply"),
    ("commands.help.alone", "Asks for help (`help`)", "as the whole reply"),
    ("commands.dont_know.alone", "Has no opinion (`dont_know`)", "as the whole reply"),
    ("commands.declined.alone", "Declines this survey only (`unclear`, flag `declined`)", "as the whole reply"),
    ("people.wrong_person.alone", "Wrong number or no visit (`wrong_person`)", "as the whole reply"),
    ("idle", "Neither a mark nor a comment (`unclear`)", "as the whole reply"),
)
_INTRODUCTION = """\
# How replies are understood

This page is written out of the word files in `surveys/reading/words/`; change those, then run
`python -m surveys.reading.table > docs/replies.md`. Capital letters and dots over letters do not matter.

| What a reply is | What follows | Example |
| --- | --- | --- |
| `urgent` | flagged to a person at once, safety numbers are sent | "en jaksa enää elää", "bröstsmärta" |
| `opt_out` | no more texts; a mark in the same text is kept | "STOP", "älkää lähettäkö enää viestejä" |
| `wrong_person` | no more texts about this visit | "väärä numero", "fel person" |
| `contact_request` | passed to the unit | "soittakaa minulle" |
| `help`, `language` | instructions, or another language from the next text on | "apua", "på svenska tack" |
| `rating`, `rating+comment` | counted; the words are kept exactly | "4", "nelonen", "5 kiitos Maijalle" |
| `dont_know` | an answer, but no mark | "en osaa sanoa" |
| `comment` | words without a mark are kept | "Hoitaja oli ihana" |
| `unclear` | asked about once, then left to a person | "4 tai 5", "3,5", "kouluarvosana 9" |

Where several apply, the upper row decides. A number with a unit, a clock time, a date, an age, money, a room, a dose
or an order ("2. kerta") is never a mark. Two different marks, halves, ranges, doubts ("ehkä 4") and other scales
are asked about.
"""


def replies_table() -> str:
    """The whole page `docs/replies.md`, in Markdown."""
    return "\n".join([_INTRODUCTION, *_numbers(), *_commands(), *_phrases()]) + "\n"


def _numbers() -> Iterator[str]:
    yield "## Words that are marks\n"
    yield "| Language | Mark | Words |\n| --- | --- | --- |"
    for language in lexicon.LANGUAGES:
        for value in range(11):
            words = [
                *_written(language, f"numbers.cardinal.{value}"),
                *_written(language, f"numbers.noun.{value}"),
                *_nouns(language, value),
            ]
            if words:
                yield f"| {_name(language)} | {value} | {_some(words)} |"


def _nouns(language: str, value: int) -> list[str]:
    endings = _written(language, "numbers.noun_endings")
    return [stem + ending for stem in _written(language, f"numbers.noun_stems.{value}")[:1] for ending in endings[:6]]


def _commands() -> Iterator[str]:
    yield "\n## Words that are commands\n"
    yield "| What it does | Where | Language | Words |\n| --- | --- | --- | --- |"
    for path, title, where in _COMMANDS:
        for language in lexicon.LANGUAGES:
            words = _written(language, path)
            if words:
                yield f"| {title} | {where} | {_name(language)} | {_some(words)} |"
    for wanted in lexicon.LANGUAGES:
        words = _written(wanted, f"commands.language.{wanted}")
        yield f"| Goes on in another language (`language`) | as the whole reply | {_name(wanted)} | {_some(words)} |"


def _phrases() -> Iterator[str]:
    yield "\n## Phrases looked for inside sentences\n"
    yield "How many patterns each language has for each kind; the patterns themselves stand in the word files.\n"
    groups = [path for path in lexicon.PHRASES if path.endswith(".phrases")]
    yield "| Kind | " + " | ".join(lexicon.LANGUAGES) + " |"
    yield "| --- |" + " --- |" * len(lexicon.LANGUAGES)
    for path in groups:
        counts = [str(len(_written(language, path))) for language in lexicon.LANGUAGES]
        yield f"| {path.removesuffix('.phrases').split('.')[-1]} | " + " | ".join(counts) + " |"


def _written(language: str, path: str) -> list[str]:
    return [str(entry) for entry in lexicon.raw(language, path)]


def _some(words: list[str]) -> str:
    shown = ", ".join(dict.fromkeys(words[:_SHOWN])).replace("|", "\\|")
    return shown + (", …" if len(words) > _SHOWN else "")


def _name(language: str) -> str:
    return str(lexicon.group(language, "name"))


if __name__ == "__main__":
    print(replies_table(), end="")
