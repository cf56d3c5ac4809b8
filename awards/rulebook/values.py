"""The atoms of a rulebook: every value says which article it rests on, or why the office assumed it (E2)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

T = TypeVar("T")

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Count = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[int, Field(strict=True, ge=1)]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[Decimal, Field(ge=0)]
# a day every year has, as 月-日
_MONTH_DAY = r"^((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))$"
MonthDay = Annotated[str, StringConstraints(pattern=_MONTH_DAY)]
Share = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$")]

Subject = Literal["organization", "individual"]
Bound = Literal["exactly", "at_least", "at_most"]


def share(text: str) -> Fraction:
    """`"2/3"` as an exact fraction, so that a quorum is never a rounding matter."""
    return Fraction(text)


class Part(BaseModel):
    """A piece of a rulebook: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Grounded(Part):
    """Something that rests on exactly one of: an article of the regulation, or a stated assumption of the office."""

    cite: Annotated[Text | None, Field(title="依据条款")] = None
    assumed: Annotated[Text | None, Field(title="办公室设定理由")] = None

    @model_validator(mode="after")
    def _exactly_one_ground(self) -> Grounded:
        if (self.cite is None) == (self.assumed is None):
            raise ValueError("须且只须写明 cite（条款）或 assumed（设定理由）之一")
        return self

    @property
    def is_assumed(self) -> bool:
        return self.assumed is not None


class Ruled(Grounded, Generic[T]):
    """One value with its ground. `bound` says what a round may still set: 不少于 may be raised, 不超过 lowered."""

    value: T
    bound: Bound = "exactly"
    # Written by Rulebook.with_parameters only: the office's ground for this round's value.
    decided: Text | None = None
