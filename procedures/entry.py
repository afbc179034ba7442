"""The smallest parts of a file: ids, lines of text, limits, and the base of every entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures.reading import refuse


def _single(value: str) -> str:
    if "__" in value:
        refuse("mã không được chứa hai gạch dưới liền nhau", "an id may not contain two underscores in a row")
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$"), AfterValidator(_single)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Limit = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3} (working days?|working hours?|days?|months?)$")]


class Entry(BaseModel):
    """Base of everything in a file: nothing unknown is accepted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_names_only(cls, data: object) -> object:
        if isinstance(data, Mapping):
            allowed = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in allowed and key not in cls.model_fields:
                    names = ", ".join(allowed)
                    raise PydanticCustomError(
                        "unknown_key",
                        "there is no “{key}” here; allowed: {names}",
                        {"key": str(key), "names": names},
                    )
        return data


class Text(Entry):
    """What people read, Vietnamese first."""

    vi: Line
    en: Line


def text(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)
