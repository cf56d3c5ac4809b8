"""What a scheme is: its bodies, tiers, applicants, conditions, form, rubric and consequences."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from .values import Count, Flag, Grounded, Key, MonthDay, Number, Part, Positive, Ruled, Subject, Text

EVERYBODY: tuple[Subject, ...] = ("organization", "individual")


class Rule(Grounded):
    """A duty or a right in words, with the article it rests on."""

    text: Text


class Regulation(Part):
    """The text the scheme rests on, its standing and its life (B30, Y27)."""

    title: Text
    status: Literal["draft", "official", "reading"]
    document_number: Text | None = None
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    in_force: Ruled[Text] = Field(title="施行")
    # a life counted from the day of issue, for texts that state no dates (B30, Y27)
    effective_after_days: Ruled[Count] | None = Field(
        default=None, title="公布后施行", json_schema_extra={"unit": "日后"}
    )
    valid_years: Ruled[Positive] | None = Field(default=None, title="办法有效期", json_schema_extra={"unit": "年"})
    # article -> number of items in it (0: none), so that a citation of what is not there is refused
    articles: dict[Positive, Count]


class Body(Grounded):
    """An authority with its official name and the short name its papers use."""

    name: Text
    short: Text
    duty: Text | None = None


class Recommender(Grounded):
    """A kind of unit that reviews and recommends (U8), or only consents to it (Z17.3), and what routes to it."""

    key: Key
    name: Text
    routed_by: Literal["industry", "district"]
    role: Literal["recommends", "consents"] = "recommends"


class Bodies(Part):
    office: Body = Field(title="办公室")
    leading_body: Body = Field(title="审议机构")
    government: Body = Field(title="审定机关")
    supervisor: Body | None = Field(default=None, title="监督机关")
    interpreter: Body | None = Field(default=None, title="解释机关")
    recommenders: tuple[Recommender, ...] = Field(title="审核推荐单位", min_length=1)
    consulted: Ruled[tuple[Text, ...]] = Field(title="征求意见的部门")


class Bonus(Part):
    subject: Subject
    yuan: Ruled[Count] = Field(title="奖金", json_schema_extra={"unit": "元"})


class Group(Part):
    """Some of the applicants, by every mark stated here."""

    subject: Subject | None = None
    categories: tuple[Key, ...] = ()
    industries: tuple[Text, ...] = ()
    districts: tuple[Text, ...] = ()
    sme: Flag | None = None

    def fits(
        self, *, subject: str, category: str = "", industry: str = "", district: str = "", sme: bool = False
    ) -> bool:
        """Whether an applicant with these marks belongs to the group."""
        return (
            self.subject in (None, subject)
            and (not self.categories or category in self.categories)
            and (not self.industries or industry in self.industries)
            and (not self.districts or district in self.districts)
            and self.sme in (None, sme)
        )


Honour = Literal["certificate", "plaque", "trophy", "title"]


class SubQuota(Grounded):
    """Within a tier's quota: at most so many places for a group, or at least so many kept for it."""

    key: Key
    label: Text
    of: Group
    at_most: Ruled[Positive] | None = Field(default=None, title="不超过", json_schema_extra={"unit": "个"})
    at_least: Ruled[Positive] | None = Field(default=None, title="不少于", json_schema_extra={"unit": "个"})


class Tier(Grounded):
    """One award level with its quota for a round (U4) and what a winner of it may do next (U16)."""

    key: Key
    name: Text
    quota: Ruled[Positive] = Field(title="名额", json_schema_extra={"unit": "个"})
    may_stay_vacant: Ruled[Flag] = Field(title="奖项可以空缺")
    reapply_bar_years: Ruled[Positive | None] = Field(
        title="获奖后不得重复申报", json_schema_extra={"unit": "年", "none": "不限制"}
    )
    repeat_winner: Ruled[Literal["none", "honour_only_outside_quota"]] = Field(title="重复获奖")
    honours: Ruled[tuple[Honour, ...]] = Field(title="颁发")
    # what a winner outside the quota is given instead (B18, Y23)
    repeat_honours: Ruled[tuple[Honour, ...]] | None = Field(default=None, title="重复获奖的颁发")
    honour_valid_years: Ruled[Positive | None] = Field(title="荣誉有效期", json_schema_extra={"unit": "年"})
    bonus: tuple[Bonus, ...] = Field(default=(), title="奖金")
    # a bar counted in rounds instead of years
    reapply_bar_rounds: Ruled[Positive | None] | None = Field(
        default=None, title="获奖后不得申报的届数", json_schema_extra={"unit": "届", "none": "不限制"}
    )
    floor_percent: Ruled[Positive | None] | None = Field(
        default=None, title="最低得分（占总分）", json_schema_extra={"unit": "%", "none": "不另设"}
    )
    # a nominee list: the names of this tier are chosen among those put on that tier's list
    chosen_from: Ruled[Key] | None = Field(default=None, title="从该等次名单中产生")
    sub_quotas: tuple[SubQuota, ...] = Field(default=(), title="分项名额")

    def honours_for(self, *, outside_quota: bool) -> tuple[Honour, ...]:
        """What a winner is given: less for one outside the quota where the scheme says so."""
        return (self.repeat_honours if outside_quota and self.repeat_honours else self.honours).value

    def bonus_for(self, subject: str) -> Ruled[int] | None:
        """What a winner of this kind gets, or None where the scheme names no sum."""
        return next((one.yuan for one in self.bonus if one.subject == subject), None)


class ApplicantKind(Grounded):
    """Who may apply (U2). A body without a code of its own applies under its parent's, with consent."""

    key: Key
    label: Text
    subject: Subject = "organization"
    under_parent_code: Flag = False
    consent_required: Ruled[Flag] | None = Field(default=None, title="须经所属法人同意")


class Category(Grounded):
    """A class of applicant by years of operation asked (U9.2)."""

    key: Key
    label: Text
    help: Text | None = None
    min_years: Ruled[Count] = Field(title="正常运营年限", json_schema_extra={"unit": "年"})
    subjects: tuple[Subject, ...] = ("organization",)


class Condition(Grounded):
    """One eligibility condition: what the applicant declares, what proves it, what a machine can look up."""

    key: Key
    title: Text
    text: Text
    declaration: Text
    prohibitive: Ruled[Flag] = Field(title="属于禁止性规定")
    checks: tuple[Literal["founding_years", "reapply_bar", "ban", "listed", "losses"], ...] = ()
    # for the check of losses (Z14.5): the indicator that must not be negative
    indicator: Key | None = None
    window_years: Ruled[Positive] | None = Field(default=None, title="回溯年限", json_schema_extra={"unit": "年"})
    proof: Literal["none", "optional", "required"] = "none"
    proof_label: Text | None = None
    subject: Subject | None = "organization"


class Eligibility(Part):
    cutoff: Ruled[Literal["recommendation_due", "application_due", "application_opens"]] = Field(
        title="年限计算的截止日"
    )
    conditions: tuple[Condition, ...] = Field(title="申报条件", min_length=1)


class FormField(Part):
    """One question of the form."""

    key: Key
    label: Text
    type: Literal[
        "text", "textarea", "number", "integer", "date", "year", "choice", "multichoice", "boolean",
        "phone", "email", "uscc", "identity", "category", "applicant_kind", "recommender", "industry", "district",
    ]  # fmt: skip
    required: Flag = True
    limit: Positive | None = None
    unit: Text | None = None
    help: Text | None = None
    options: tuple[Text, ...] = ()
    personal: Flag = False
    # categories or applicant kinds that must fill it although others need not
    required_for: tuple[Key, ...] = ()


class Section(Grounded):
    """One part of the application form, one task of the applicant's task list."""

    key: Key
    title: Text
    kind: Literal["eligibility", "profile", "narrative", "self_assessment", "indicators", "attachments", "declarations"]
    help: Text | None = None
    may_be_secret: Flag = False
    limit: Ruled[Positive] | None = Field(default=None, title="字数上限", json_schema_extra={"unit": "字"})
    fields: tuple[FormField, ...] = ()
    subjects: tuple[Subject, ...] = EVERYBODY

    def field(self, key: str) -> FormField:
        return next(one for one in self.fields if one.key == key)


class Indicator(Part):
    key: Key
    label: Text
    unit: Text
    better: Literal["up", "down", "none"] = "up"
    required: Flag = True
    decimals: Count = 2
    help: Text | None = None


class Indicators(Grounded):
    """Figures for the last years, one column a year."""

    years: Ruled[Positive] = Field(title="填报年数", json_schema_extra={"unit": "年"})
    rows: tuple[Indicator, ...] = Field(min_length=1)


class Attachment(Grounded):
    key: Key
    label: Text
    required: Flag = True
    max_files: Positive = 1
    min_files: Positive = 1
    sealed: Flag = False
    may_be_secret: Flag = False
    formats: tuple[Literal["pdf", "docx", "xlsx", "jpg", "jpeg", "png"], ...] = ("pdf",)
    # categories or applicant kinds that must bring it although others need not (U2, U9.2)
    required_for: tuple[Key, ...] = ()
    subject: Subject | None = None
    help: Text | None = None


class Declaration(Grounded):
    key: Key
    text: Text
    subject: Subject | None = None


class Material(Grounded):
    """One line of 申报材料清单 in the call."""

    key: Key
    text: Text
    copies: Text | None = None
    subject: Subject | None = None


class Secrets(Grounded):
    """What an applicant marks as secret, in the regulation's words (U11.2, B24)."""

    label: Text


class Form(Part):
    sections: tuple[Section, ...] = Field(title="申报表", min_length=1)
    indicators: Indicators = Field(title="三年指标")
    attachments: tuple[Attachment, ...] = Field(title="附件")
    declarations: tuple[Declaration, ...] = Field(title="承诺", min_length=1)
    materials: tuple[Material, ...] = Field(title="申报材料清单")
    secrets: Secrets | None = Field(default=None, title="秘密标注")


CaseKind = Literal["misuse", "incident", "false_material", "bad_credit"]
# what a consequence of this name covers where its document does not say
USUAL_CASES: dict[str, tuple[CaseKind, ...]] = {
    "false_materials": ("false_material",),
    "fraud": ("false_material",),
    "incident": ("incident",),
    "serious_violation": ("bad_credit",),
    "breach": ("misuse", "bad_credit"),
}


class BanRule(Grounded):
    """How long, and on what ground, no application is accepted (U20)."""

    key: Key
    ground: Text
    years: Ruled[Positive | None] = Field(title="不予受理年限", json_schema_extra={"unit": "年", "none": "不另设"})
    counted_from: Ruled[Literal["decision", "award"]] | None = Field(default=None, title="起算日")
    reaches_subsidiaries: Ruled[Flag] | None = Field(default=None, title="及于所属子公司")
    revokes: Flag = False
    recovers: Flag = False
    claws_back: Flag = False
    publishes: Flag = False
    # the kinds of cases it may end, where the key does not tell
    covers: tuple[CaseKind, ...] = ()

    @property
    def kinds(self) -> tuple[CaseKind, ...]:
        return self.covers or USUAL_CASES.get(self.key, ())


class Duty(Grounded):
    """What a winner owes afterwards (U17, U18)."""

    key: Key
    text: Text
    each_year_for: Ruled[Positive | None] = Field(
        title="每年履行，年数", json_schema_extra={"unit": "年", "none": "长期"}
    )
    filed: Flag = False
    # the last day, in the year after, on which a year's report is handed in or made
    due_day: Ruled[MonthDay] | None = Field(default=None, title="每年截止日（次年月-日）")
    # what such a report tells beside its figures
    parts: Ruled[tuple[Text, ...]] | None = Field(default=None, title="报告内容")


class HonourUse(Grounded):
    key: Key
    text: Text
    forbidden: Flag = True


class BonusRules(Part):
    """Who gets no money, who gets it twice, and what it may be spent on (B18, Y20, Z24)."""

    fully_funded_none: Ruled[Flag] | None = Field(default=None, title="财政全额拨款的不发奖金")
    provincial_match: Ruled[Flag] | None = Field(default=None, title="省级获奖同额奖励")
    purposes: Ruled[tuple[Text, ...]] | None = Field(default=None, title="奖金用途")


CASE_DAYS: JsonDict = {"unit": "个工作日"}


class CaseClocks(Part):
    """How long each part of a case after the award may take; what is not said is the office's own default."""

    triage: Ruled[Positive] | None = Field(default=None, title="决定是否立案", json_schema_extra=CASE_DAYS)
    inquiry: Ruled[Positive] | None = Field(default=None, title="调查认定", json_schema_extra=CASE_DAYS)
    answer: Ruled[Positive] | None = Field(default=None, title="当事人答复询问", json_schema_extra=CASE_DAYS)
    statement: Ruled[Positive] | None = Field(default=None, title="陈述申辩期限", json_schema_extra=CASE_DAYS)
    submission: Ruled[Positive] | None = Field(default=None, title="报请决定", json_schema_extra=CASE_DAYS)
    decision: Ruled[Positive] | None = Field(default=None, title="作出决定", json_schema_extra=CASE_DAYS)
    execution: Ruled[Positive] | None = Field(default=None, title="执行决定", json_schema_extra=CASE_DAYS)
    recovery: Ruled[Positive] | None = Field(default=None, title="交回证书奖牌", json_schema_extra=CASE_DAYS)
    advice: Ruled[Positive] | None = Field(default=None, title="答复监督建议", json_schema_extra=CASE_DAYS)


class Supervision(Part):
    incident_window_years: Ruled[Positive] = Field(title="获奖后事故回溯期", json_schema_extra={"unit": "年"})
    incident_ground: Ruled[Text] = Field(title="取消奖励的情形")
    bans: tuple[BanRule, ...] = Field(title="不予受理与取消奖励", min_length=1)
    duties: tuple[Duty, ...] = Field(default=(), title="获奖组织的义务")
    honour_use: tuple[HonourUse, ...] = Field(default=(), title="荣誉的使用")
    discipline: Rule | None = Field(default=None, title="工作纪律")
    bonus: BonusRules | None = Field(default=None, title="奖金管理")
    case_clocks: CaseClocks | None = Field(default=None, title="案件办理时限")


class Weight(Part):
    """A stage's share of the composite score, in per cent."""

    state: Literal["document_review", "defense", "onsite_review"]
    percent: Number


class Instrument(Grounded):
    """A kind of paper with the name the regulation or the desk gives it."""

    key: Key
    label: Text
    issuer: Literal["applicant", "recommender", "office", "leading_body", "government", "panel"] = "office"


Roles = dict[Key, Text]
Labels = Annotated[dict[Key, Text], Field(min_length=1)]
