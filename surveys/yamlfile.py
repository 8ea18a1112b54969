"""Load a YAML file into a pydantic model, and tell every mistake with its file and line."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)


class FileProblem(ValueError):
    """A file that cannot be used: which one, at which line (None: the whole), and what to do about it."""

    def __init__(self, file: str, line: int | None, sentence: str) -> None:
        self.file = file
        self.line = line
        self.sentence = sentence
        super().__init__(f"{file}, line {line}: {sentence}" if line else f"{file}: {sentence}")


def load(source: Path | str, model: type[M], *, name: str | None = None) -> M:
    """The model that a file (`Path`) or a YAML text (`str`) describes; `name` is what problems call it.

    Raises `FileProblem` for the first mistake in the file, with the number of further ones.
    """
    name = name or (source.name if isinstance(source, Path) else "text")
    root, data = _parse(_read(source, name) if isinstance(source, Path) else source, name)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # An unknown key goes first: the right one, which it was meant to be, is often told as missing.
        found = sorted(
            (each["type"] != "extra_forbidden", _line(root, each["loc"]), _sentence(each, model))
            for each in error.errors()
        )
    _, line, sentence = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise FileProblem(name, line, sentence + more)


def _read(path: Path, name: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileProblem(name, None, f"cannot be read: {error.strerror or error}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileProblem(name, line, "is not UTF-8 here; save the file as UTF-8") from None


# YAML 1.1 reads `20:00` as the number 1200, `0401234` as an octal number and `no` or `on` as a truth value: a
# window's end would become twenty minutes past midnight and a number somebody else's, without a word.
_WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]*)$")
_TRUTH = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_REPLACED = {"tag:yaml.org,2002:int": _WHOLE_NUMBER, "tag:yaml.org,2002:bool": _TRUTH}
_DATE = "tag:yaml.org,2002:timestamp"  # left to the model: PyYAML fails without a line on a 31st of November

# pydantic's own words where they speak of Python rather than of the file
_PLAINLY = {
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "too_short": "needs at least one entry",
    "model_type": "must have keys with values",
    "dict_type": "must have keys with values",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


class _Loader(yaml.SafeLoader):
    """Safe YAML in which only numbers and true/false are more than words (as in YAML 1.2)."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML declares it without ClassVar
        first: [(tag, _REPLACED.get(tag, pattern)) for tag, pattern in resolvers if tag != _DATE]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _parse(text: str, name: str) -> tuple[yaml.Node, object]:
    """The node tree, which knows the lines, and the plain data of one YAML document."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            raise FileProblem(name, None, "the file is empty")
        _refuse_doubles(root, name)
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FileProblem(name, mark.line + 1 if mark else None, _syntax(error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileProblem(name, line, "has a character that YAML does not allow; remove it") from None


def _syntax(error: yaml.MarkedYAMLError) -> str:
    hint = ""
    if error.problem and "mapping values" in error.problem:
        hint = '; put a text that has a colon in it between quotes: "…"'
    return f"is not YAML: {error.problem or error.context or 'unreadable'}{hint}"


def _refuse_doubles(node: yaml.Node, name: str) -> None:
    """YAML lets the later of two equal keys win in silence: half of what somebody wrote would be lost."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_doubles(item, name)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                if key.value in seen:
                    told = f'the key "{key.value}" is here again, first in line {seen[key.value]}; keep one'
                    raise FileProblem(name, line, told)
                seen[key.value] = line
            _refuse_doubles(value, name)


def _line(node: yaml.Node, location: Sequence[int | str]) -> int:
    """The line of the innermost part of `location` that the file has."""
    line: int = node.start_mark.line
    for step in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    location = error["loc"]
    where = ".".join(map(str, location)) + ": " if location else ""
    return where + _told(error, model)


def _told(error: ErrorDetails, model: type[BaseModel]) -> str:
    *above, last = error["loc"] or ("",)
    if error["type"] == "missing":
        return f"missing {_wanted(_fields(model, above).get(str(last)))}"
    if error["type"] == "extra_forbidden":
        return _unknown(str(last), list(_fields(model, above)))
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    told = _PLAINLY.get(error["type"]) or error["msg"][0].lower() + error["msg"][1:]
    given = error["input"]
    return told + (f", not {given!r}" if isinstance(given, str | int | float) else "")


def _wanted(field: FieldInfo | None) -> str:
    """A missing field's title and, where the model says why, its description."""
    if field is None or not field.title:
        return "key; add it here"
    return field.title + (f": {field.description}" if field.description else "")


def _unknown(key: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f'did you mean "{nearest[0]}"?' if nearest else f"the keys here are: {', '.join(known)}"
    return f'there is no key "{key}"; {hint}'


def _fields(model: type[BaseModel], location: Sequence[int | str]) -> dict[str, FieldInfo]:
    """The fields, by their names in the file, of the model that stands at `location` inside `model`."""
    here: object = model
    for step in location:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = _named(here).get(str(step))
            here = _core(field.annotation) if field else None
        else:
            here = _core(get_args(here)[-1 if get_origin(here) is dict else 0]) if get_args(here) else None
    return _named(here) if isinstance(here, type) and issubclass(here, BaseModel) else {}


def _named(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {str(field.validation_alias or field.alias or name): field for name, field in model.model_fields.items()}


def _core(annotation: object) -> object:
    """A type without `Annotated[…]` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _core(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _core(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation
