"""The rulebook itself: one edition of one regulation, frozen, with the accessors the rooms read it by."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, get_args

from pydantic import Field, PrivateAttr

from . import parts, process
from .citations import cite_zh
from .rubrics import Rubric
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
    # what applicants of one kind are called, where there are several kinds (Y)
    nouns: dict[parts.Subject, Text] | None = None
    regulation: parts.Regulation = Field(title="管理办法")
    bodies: parts.Bodies = Field(title="机构")
    cycle_years: Ruled[Positive] = Field(title="评选周期", json_schema_extra={"unit": "年"})
    charges_nothing: Ruled[Flag] = Field(title="不收取任何费用")
    tiers: tuple[parts.Tier, ...] = Field(title="奖项", min_length=1)
    applicants: tuple[parts.ApplicantKind, ...] = Field(title="申报主体", min_length=1)
    categories: tuple[parts.Category, ...] = Field(title="申报类别", min_length=1)
    eligibility: parts.Eligibility = Field(title="申报条件")
    form: parts.Form = Field(title="申报材料")
    rubrics: tuple[Rubric, ...] = Field(title="评价标准", min_length=1)
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
    _rows: tuple[Any, ...] | None = PrivateAttr(default=None)

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
    def legs(self) -> tuple[process.Leg, ...]:
        """The consents a recommendation needs beside the recommender's own review (Z17.3)."""
        return self.stage("recommendation_review").legs

    @property
    def approver(self) -> parts.Body:
        """Who has the last word on the list: the government, or the leading body where the scheme says so (Y5)."""
        rule = self.stage("approval").approver
        leading = rule is not None and rule.value == "leading_body"
        return self.bodies.leading_body if leading else self.bodies.government

    @property
    def publicity_after_approval(self) -> bool:
        """Whether the list is published only once it was approved."""
        order = self.states
        return "award_publicity" in order and order.index("award_publicity") > order.index("approval")

    @property
    def held_steps(self) -> tuple[process.HeldStep, ...]:
        """The steps an open objection stops: all that “无异议” can gate where the scheme names none (U11.3–5)."""
        rule = self.objections.held_steps
        return get_args(process.HeldStep) if rule is None else rule.value

    @property
    def window_day_kind(self) -> process.DayKind:
        rule = self.timing.application_window_kind
        return "working" if rule is None else rule.value

    @property
    def effective_on(self) -> date | None:
        """The first day of the regulation: stated, or counted from its issue (Y27); None while it is not issued."""
        stated, after = self.regulation.effective_on, self.regulation.effective_after_days
        if stated is not None or self.regulation.issued_on is None:
            return stated
        return self.regulation.issued_on + timedelta(days=after.value if after else 0)

    @property
    def expires_on(self) -> date | None:
        """The first day it is no longer in force: stated, or counted from its first day (B30)."""
        stated, years, start = self.regulation.expires_on, self.regulation.valid_years, self.effective_on
        if stated is not None or years is None or start is None:
            return stated
        last = start.replace(year=start.year + years.value) if (start.month, start.day) != (2, 29) else None
        return last or date(start.year + years.value, 3, 1)

    @property
    def review_states(self) -> tuple[str, ...]:
        return tuple(stage.state for stage in self.stages if stage.review is not None)

    # -- by subject --------------------------------------------------------------------------------------------

    @property
    def subjects(self) -> tuple[parts.Subject, ...]:
        """Whether organisations, individuals or both may apply (Y2)."""
        return tuple(dict.fromkeys(one.subject for one in self.applicants))

    @property
    def admits_individuals(self) -> bool:
        return "individual" in self.subjects

    def noun_for(self, subject: str) -> str:
        """What an applicant of this kind is called."""
        return next((text for key, text in (self.nouns or {}).items() if key == subject), self.noun)

    def sections_for(self, subject: str) -> tuple[parts.Section, ...]:
        return tuple(one for one in self.form.sections if subject in one.subjects)

    def conditions_for(self, subject: str) -> tuple[parts.Condition, ...]:
        return tuple(one for one in self.eligibility.conditions if one.subject in (None, subject))

    def attachments_for(self, subject: str) -> tuple[parts.Attachment, ...]:
        return tuple(one for one in self.form.attachments if one.subject in (None, subject))

    def declarations_for(self, subject: str) -> tuple[parts.Declaration, ...]:
        return tuple(one for one in self.form.declarations if one.subject in (None, subject))

    def materials_for(self, subject: str) -> tuple[parts.Material, ...]:
        return tuple(one for one in self.form.materials if one.subject in (None, subject))

    def categories_for(self, subject: str) -> tuple[parts.Category, ...]:
        return tuple(one for one in self.categories if subject in one.subjects)

    def applicant_kinds_for(self, subject: str) -> tuple[parts.ApplicantKind, ...]:
        return tuple(one for one in self.applicants if one.subject == subject)

    def rubric_for(self, state: str, *, subject: str = "organization", category: str | None = None) -> Rubric:
        """The criteria a panel stage judges such an applicant by (Y10)."""
        rule = self.review(state)
        for key in rule.rubrics.value if rule.rubrics else ():
            if self.rubric(key).fits(subject=subject, category=category):
                return self.rubric(key)
        return self.rubric(rule.rubric.value)

    def assessment_rubric(self, subject: str = "organization", category: str | None = None) -> Rubric:
        """The criteria a self-assessment follows: those of the first panel stage."""
        return self.rubric_for(self.review_states[0], subject=subject, category=category)

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

    @property
    def recommenders(self) -> tuple[parts.Recommender, ...]:
        """The kinds of unit an applicant may ask to recommend it."""
        return tuple(one for one in self.bodies.recommenders if one.role == "recommends")

    def recommender(self, key: str) -> parts.Recommender:
        return next(one for one in self.bodies.recommenders if one.key == key)

    def rubric(self, key: str | None = None) -> Rubric:
        return self.rubrics[0] if key is None else next(one for one in self.rubrics if one.key == key)

    # -- words -------------------------------------------------------------------------------------------------

    def label(self, state: str) -> str:
        """The regulation's own word for a state or an end (section 9)."""
        return self.labels.states[state]

    def role(self, key: str) -> str:
        return self.labels.roles[key]

    def instrument(self, key: str) -> str:
        return next(one.label for one in self.instruments if one.key == key)

    @property
    def objection_word(self) -> str:
        """What an objection is called where it is answered: 异议, or 举报 (Z17.8)."""
        return self.instrument("objection_reply").partition("处理结果")[0] or "异议"

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

    @property
    def recusal_ground(self) -> str:
        """The article that asks those with an interest to step aside (U23, Z18, B20)."""
        return self.ground(self.recusal.duty or self.recusal.grounds[0])

    @property
    def discipline_ground(self) -> str:
        """The article on the integrity of those who run and judge (U22, Z27, Y22)."""
        return self.ground(self.supervision.discipline or self.bodies.supervisor or self.bodies.office)

    @property
    def secret_label(self) -> str:
        """What applicants mark as secret, in the regulation's words (U11.2, B24)."""
        return self.form.secrets.label if self.form.secrets else "商业秘密"

    @property
    def secret_ground(self) -> str:
        marked = next((one for one in self.form.declarations if one.key == "trade_secret"), None)
        return self.ground(self.form.secrets or marked or self.form.sections[0])

    # -- rows and parameters -----------------------------------------------------------------------------------

    def rules(self) -> list[Any]:
        """Every ruled value as a row for people; see `rows.RuleRow`."""
        from .rows import flatten  # rows reads the models, the models stay free of presentation

        if self._rows is None:
            self._rows = tuple(flatten(self))
        return list(self._rows)

    def rule(self, path: str) -> Any:
        return next(row for row in self.rules() if row.path == path)

    def with_parameters(self, values: Mapping[str, Any], *, grounds: Mapping[str, str] | None = None) -> Rulebook:
        """A new rulebook with the round's values in place of the edition's; raises RulebookInvalid."""
        from .overrides import replace_values

        return replace_values(self, values, grounds=grounds or {})

    def plain_value(self, path: str) -> Any:
        """The value at a path as plain JSON, as a RoundParameter stores it."""
        from .overrides import node_at

        return copy.deepcopy(node_at(self._data, path)["value"])

    def plain_data(self) -> dict[str, Any]:
        return copy.deepcopy(self._data)


def canonical(data: Any) -> str:
    """The text the digest is taken of: sorted keys, no spacing, dates as ISO."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
