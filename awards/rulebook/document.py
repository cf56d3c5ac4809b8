"""The rulebook itself: one edition of one regulation, frozen, with the accessors the rooms read it by."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, PrivateAttr

from . import parts, process
from .citations import cite_zh
from .values import Flag, Key, Part, Positive, Ruled, Text


class LabelBook(Part):
    """The words of the regulation and of the desk (REQUIREMENTS section 9)."""

    states: parts.Labels = Field(title="状态名称")
    roles: parts.Labels = Field(title="角色名称")


class Rulebook(Part):
    """What one edition of a regulation requires. Immutable: a round's own values make a new Rulebook."""

    spec: Literal[1]
    key: Key
    edition: Text
    name: Text
    award_name: Text
    short_name: Text
    noun: Text
    regulation: parts.Regulation = Field(title="管理办法")
    bodies: parts.Bodies = Field(title="机构")
    cycle_years: Ruled[Positive] = Field(title="评选周期", json_schema_extra={"unit": "年"})
    charges_nothing: Ruled[Flag] = Field(title="不收取任何费用")
    tiers: tuple[parts.Tier, ...] = Field(title="奖项", min_length=1)
    applicants: tuple[parts.ApplicantKind, ...] = Field(title="申报主体", min_length=1)
    categories: tuple[parts.Category, ...] = Field(title="申报类别", min_length=1)
    eligibility: parts.Eligibility = Field(title="申报条件")
    form: parts.Form = Field(title="申报材料")
    rubrics: tuple[parts.Rubric, ...] = Field(title="评价标准", min_length=1)
    scoring: process.Scoring = Field(title="计分")
    stages: tuple[process.Stage, ...] = Field(title="程序", min_length=1)
    correction: process.Correction = Field(title="补正")
    recusal: process.Recusal = Field(title="回避")
    objections: process.Objections = Field(title="异议")
    supervision: parts.Supervision = Field(title="监督管理")
    timing: process.Timing = Field(title="期间计算")
    instruments: tuple[parts.Instrument, ...] = Field(title="文书", min_length=1)
    labels: LabelBook = Field(title="用语")

    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _sha256: str = PrivateAttr(default="")

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Rulebook:
        """A rulebook of plain data already read from a document; keeps a private copy for `with_parameters`."""
        book = cls.model_validate(data)
        book._data = copy.deepcopy(data)
        book._sha256 = hashlib.sha256(canonical(data).encode()).hexdigest()
        return book

    @property
    def sha256(self) -> str:
        """Digest of the canonical text: the same rules written in another order of keys or spacing are the same."""
        return self._sha256

    # -- the pipeline ------------------------------------------------------------------------------------------

    @property
    def states(self) -> tuple[str, ...]:
        """The stages of this scheme in its own order."""
        return tuple(stage.state for stage in self.stages)

    def has_stage(self, state: str) -> bool:
        return state in self.states

    def stage(self, state: str) -> process.Stage:
        return next(stage for stage in self.stages if stage.state == state)

    def next_stage(self, after: str) -> str:
        """The state after `after` ("draft" gives the first stage); after the last one stands "awarded"."""
        order = ("draft", *self.states, "awarded")
        return order[order.index(after) + 1]

    def publicity(self, state: str) -> process.Publicity:
        found = self.stage(state).publicity
        assert found is not None, state
        return found

    def review(self, state: str) -> process.Review:
        found = self.stage(state).review
        assert found is not None, state
        return found

    def consultation(self, state: str) -> process.Consultation | None:
        return self.stage(state).consultation

    @property
    def decision(self) -> process.Decision:
        found = self.stage("deliberation").decision
        assert found is not None
        return found

    @property
    def review_states(self) -> tuple[str, ...]:
        return tuple(stage.state for stage in self.stages if stage.review is not None)

    # -- by key ------------------------------------------------------------------------------------------------

    def tier(self, key: str) -> parts.Tier:
        return next(one for one in self.tiers if one.key == key)

    def category(self, key: str) -> parts.Category:
        return next(one for one in self.categories if one.key == key)

    def applicant_kind(self, key: str) -> parts.ApplicantKind:
        return next(one for one in self.applicants if one.key == key)

    def condition(self, key: str) -> parts.Condition:
        return next(one for one in self.eligibility.conditions if one.key == key)

    def section(self, key: str) -> parts.Section:
        return next(one for one in self.form.sections if one.key == key)

    def attachment(self, key: str) -> parts.Attachment:
        return next(one for one in self.form.attachments if one.key == key)

    def ban(self, key: str) -> parts.BanRule:
        return next(one for one in self.supervision.bans if one.key == key)

    def recommender(self, key: str) -> parts.Recommender:
        return next(one for one in self.bodies.recommenders if one.key == key)

    def rubric(self, key: str | None = None) -> parts.Rubric:
        return self.rubrics[0] if key is None else next(one for one in self.rubrics if one.key == key)

    # -- words -------------------------------------------------------------------------------------------------

    def label(self, state: str) -> str:
        """The regulation's own word for a state or an end (section 9)."""
        return self.labels.states[state]

    def role(self, key: str) -> str:
        return self.labels.roles[key]

    def instrument(self, key: str) -> str:
        return next(one.label for one in self.instruments if one.key == key)

    def has_instrument(self, key: str) -> bool:
        return any(one.key == key for one in self.instruments)

    def cite_zh(self, cite: str) -> str:
        """`"11.2"` → 第十一条第（二）项."""
        return cite_zh(cite)

    def cite(self, cite: str) -> str:
        """`"11.2"` → 《…管理办法（征求意见稿）》第十一条第（二）项."""
        return f"《{self.regulation.title}》{cite_zh(cite)}"

    def ground(self, thing: Any) -> str:
        """The ground of anything that carries one: the article in full, or 办公室设定（why）."""
        if getattr(thing, "decided", None):
            return f"办公室设定（{thing.decided}）"
        if thing.cite is not None:
            return self.cite(thing.cite)
        return f"办公室设定（{thing.assumed}）"

    # -- rows and parameters -----------------------------------------------------------------------------------

    def rules(self) -> list[Any]:
        """Every ruled value as a row for people; see `rows.RuleRow`."""
        from .rows import flatten  # rows reads the models, the models stay free of presentation

        return flatten(self)

    def rule(self, path: str) -> Any:
        return next(row for row in self.rules() if row.path == path)

    def with_parameters(self, values: Mapping[str, Any], *, grounds: Mapping[str, str] | None = None) -> Rulebook:
        """A new rulebook with the round's values in place of the edition's; raises RulebookInvalid."""
        from .overrides import replace_values

        return replace_values(self, values, grounds=grounds or {})

    def plain_value(self, path: str) -> Any:
        """The value at a path as plain JSON, as a RoundParameter stores it."""
        from .overrides import node_at

        return node_at(self.plain_data(), path)["value"]

    def plain_data(self) -> dict[str, Any]:
        return copy.deepcopy(self._data)


def canonical(data: Any) -> str:
    """The text the digest is taken of: sorted keys, no spacing, dates as ISO."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
