"""How a scheme runs: its stages in order, and the rules of publicity, review, decision, objection and time."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from pydantic.config import JsonDict

from .parts import Rule, Weight
from .states import StageState
from .values import Count, Flag, Grounded, Key, Number, Part, Positive, Ruled, Share, Text

DayKind = Literal["working", "calendar"]
DAYS: JsonDict = {"unit": "个工作日"}


class Publicity(Part):
    """A publicity window. `days.bound` tells 不少于 (at_least) from an exact length (B15)."""

    days: Ruled[Positive] = Field(title="公示时间", json_schema_extra={"unit": "days"})
    day_kind: Ruled[DayKind] = Field(title="公示时间的计算")
    held_by_objection: Ruled[Flag] = Field(title="有异议时不得转入下一环节")
    held_by: Literal["applicant", "recommender", "office"]
    objections_to: Ruled[Literal["applicant", "recommender", "office"]] = Field(title="异议受理")
    rerun_after_change: Ruled[Flag] | None = Field(default=None, title="名单变更后重新公示")
    # a window that asks the public for 意见建议 (B15)
    comments: Flag = False


class Consultation(Grounded):
    """Other departments are asked (U11.3, U11.4); silence is never clearance."""

    reply_days: Ruled[Positive] = Field(title="复函期限", json_schema_extra=DAYS)
    reminders: Ruled[Count] = Field(title="催办次数", json_schema_extra={"unit": "次"})
    silence_is_clearance: Ruled[Flag] = Field(title="逾期未复视为无意见")


class ChecklistItem(Grounded):
    """One thing the recommender or the office must tick with a finding, in the article's words (U11.3, U11.4)."""

    key: Key
    text: Text
    machine: Literal[
        "none", "founding_years", "reapply_bar", "ban", "listed", "losses", "completeness", "self_publicity"
    ] = "none"
    required: Flag = True


class Leg(Grounded):
    """One of several consents a recommendation needs (Z17.3: market regulator, then township seal)."""

    key: Key
    label: Text
    sealed: Flag = True
    # the kind of consenting unit that does it at its own desk; none: its paper is uploaded by the recommender
    by: Key | None = None


class Review(Part):
    """A panel stage: its size, readers, rubric, how sheets become one score and who goes on."""

    rubric: Ruled[Key] = Field(title="评价依据")
    # for the subjects and categories they are made for; everybody else is judged by `rubric`
    rubrics: Ruled[tuple[Key, ...]] | None = Field(default=None, title="分类适用的评价依据")
    panel_min: Ruled[Positive] = Field(title="评审组人数", json_schema_extra={"unit": "人"})
    readers_min: Ruled[Positive] = Field(title="每份材料评审专家数", json_schema_extra={"unit": "人"})
    leader: Ruled[Flag] = Field(title="设组长")
    aggregation: Ruled[Literal["mean", "trimmed_mean", "consensus"]] = Field(title="计分方法")
    discrepancy_percent: Ruled[Positive] = Field(
        title="触发合议的评分差异", json_schema_extra={"unit": "%（占该项分值）"}
    )
    cut_times_quota: Ruled[Number | None] = Field(
        title="进入下一环节数量", json_schema_extra={"unit": " 倍名额", "none": "全部进入"}
    )
    session_minutes: Ruled[Positive | None] = Field(
        title="每场时长", json_schema_extra={"unit": "分钟", "none": "不分场次"}
    )
    order_by_lot: Ruled[Flag] = Field(title="抽签确定次序")
    # where equal scores stand across the ceiling of those who go on
    cut_tie: Ruled[Literal["office_decides", "none_pass", "all_pass"]] | None = Field(
        default=None, title="进入下一环节的末位同分时"
    )
    floor_percent: Ruled[Positive | None] | None = Field(
        default=None, title="进入下一环节的最低得分（占总分）", json_schema_extra={"unit": "%", "none": "不另设"}
    )


class Decision(Part):
    """How the leading body decides (V8)."""

    mode: Ruled[Literal["secret_vote", "roll_call", "resolution", "rank"]] = Field(title="表决方式")
    on_paper: Ruled[Flag] = Field(title="可以使用纸质表决票")
    quorum: Ruled[Share] = Field(title="到会人数要求（占应到人数）")
    majority: Ruled[Share] = Field(title="通过票数（超过到会人数的）")
    tie: Ruled[Literal["further_ballot_then_vacant", "vacant"]] = Field(title="票数相同时")
    casting_vote: Ruled[Flag] = Field(title="主持人有决定票")
    promotes_next: Ruled[Flag] = Field(title="空缺名额递补")
    # nothing said: with an accepted 授权委托书 (section 8)
    deputies: Ruled[Flag] | None = Field(default=None, title="可以凭授权委托书委托他人出席表决")
    # nothing said: nobody gives more votes for than there are places
    for_within_quota: Ruled[Flag] | None = Field(default=None, title="每张表决票的同意不得超过名额")
    floor_percent: Ruled[Positive | None] = Field(title="最低得分（占总分）", json_schema_extra={"unit": "%"})
    # nothing said: a list once decided is not taken back to be decided again
    sends_back: Ruled[Flag] | None = Field(default=None, title="建议名单可以退回重新审议")


class Stage(Grounded):
    """One stage of the pipeline, named by its state, labelled in the regulation's own words."""

    state: StageState
    label: Text
    plan_days: Ruled[Positive] = Field(title="计划用时", json_schema_extra=DAYS)
    publicity: Publicity | None = None
    consultation: Consultation | None = None
    checklist: tuple[ChecklistItem, ...] = Field(default=(), title="审核要点")
    legs: tuple[Leg, ...] = Field(default=(), title="推荐步骤")
    review: Review | None = None
    decision: Decision | None = None
    # on approval: who has the last word (Y5), the government where nothing is said
    approver: Ruled[Literal["government", "leading_body"]] | None = Field(default=None, title="审定机关")


class FilingField(Part):
    key: Key
    label: Text
    kind: Literal["text", "phone", "address", "file"] = "text"


class FilingForm(Grounded):
    """What an objection must carry; one that lacks any of it is told so and not accepted (U12)."""

    kind: Literal["person", "unit"]
    label: Text
    requires: tuple[FilingField, ...] = Field(min_length=1)


class Clock(Part):
    days: Ruled[Positive] = Field(title="期限", json_schema_extra=DAYS)
    from_what: Ruled[Literal["receipt", "acceptance", "forwarding", "report", "finding"]] = Field(title="起算")
    day_kind: DayKind = "working"


class Clocks(Part):
    form_check: Clock = Field(title="形式审查")
    forward: Clock = Field(title="转送审核推荐单位")
    report: Clock = Field(title="报告调查情况")
    decide: Clock = Field(title="作出认定")
    tell: Clock = Field(title="告知异议人")


HeldStep = Literal["close_publicity", "recommend", "approve"]
UpheldOnList = Literal["strike", "leading_body_cancels"]


class Objections(Grounded):
    """Who may object, when, in what form, who investigates and by when (U12–U14)."""

    open_from: StageState
    open_through: StageState
    filing: tuple[FilingForm, ...] = Field(min_length=1)
    written: Ruled[Flag] = Field(title="须书面提出")
    investigator: Ruled[Literal["recommender", "office"]] = Field(title="异议调查单位")
    accused_recommender: Ruled[Literal["office"]] = Field(title="异议涉及审核推荐单位时的调查单位")
    experts_allowed: Ruled[Flag] = Field(title="可以组织专家调查")
    review_goes_on: Ruled[Flag] = Field(title="异议审查期间不影响参加评审")
    hold_at_receipt: Ruled[Flag] = Field(title="收到异议即暂停转入下一环节")
    clocks: Clocks = Field(title="异议办理时限")
    upheld_on_prohibition: Ruled[Literal["disqualify"]] = Field(title="查证属实且属禁止性规定")
    held_steps: Ruled[tuple[HeldStep, ...]] | None = Field(default=None, title="异议未办结前暂停的步骤")
    # upheld on a name of the proposed list, on whatever condition: struck at once (Z17.8), or put before the leading
    # body to cancel (B16); nothing said: only a prohibited condition counts
    upheld_on_list: Ruled[UpheldOnList] | None = Field(default=None, title="对建议名单的异议查证属实")
    # nothing said: the investigating unit learns who objected only where the handling unit lets it on a ground
    identity_to_investigator: Ruled[Flag] | None = Field(default=None, title="调查单位可以查阅异议人信息")
    # nothing said: ASSUMED below, read through `Objections.said`
    completion_days: Ruled[Positive] | None = Field(default=None, title="异议材料补正期限", json_schema_extra=DAYS)
    late: Ruled[Literal["refuse", "situation_report"]] | None = Field(default=None, title="逾期提出的异议")
    extension_times: Ruled[Count] | None = Field(
        default=None, title="每个环节可以延长办理期限", json_schema_extra={"unit": "次"}
    )

    def said(self, key: Literal["completion_days", "late", "extension_times"]) -> Ruled[Any]:
        """The rule as the document says it, or as it is assumed where the document is silent."""
        given: Ruled[Any] | None = getattr(self, key)
        return given or ASSUMED[key]


ASSUMED: dict[str, Ruled[Any]] = {
    "completion_days": Ruled[Any](value=5, assumed="未规定异议材料的补正期限，参照申报材料补正期限"),
    "late": Ruled[Any](value="situation_report", assumed="逾期提出的不按异议程序办理，作为情况反映登记，供办理参考"),
    "extension_times": Ruled[Any](value=1, assumed="情况复杂确需延长的，每个环节延长一次，不超过本环节期限"),
}


class Correction(Part):
    days: Ruled[Positive] = Field(title="补正期限", json_schema_extra=DAYS)
    times: Ruled[Positive] = Field(title="补正次数", json_schema_extra={"unit": "次"})
    overdue: Ruled[Literal["judge_as_is"]] = Field(title="逾期未补正")


class Recusal(Part):
    lookback_years: Ruled[Positive] = Field(title="利害关系回溯", json_schema_extra={"unit": "年"})
    duty: Rule | None = Field(default=None, title="主动回避")
    on_request: Rule | None = Field(default=None, title="申请回避")
    ordered: Rule | None = Field(default=None, title="责令回避")
    grounds: tuple[ConflictGround, ...] = Field(title="回避情形", min_length=1)

    def ground_for(self, kind: str) -> ConflictGround | None:
        """The ground that covers a kind of tie; None where the regulation lists none for it."""
        return next((one for one in self.grounds if kind in one.kinds), None)

    def kind_under(self, key: str) -> str:
        """What kind of tie somebody declares who names only the ground."""
        return next((one.kinds[0] for one in self.grounds if one.key == key and one.kinds), "other")


TieKind = Literal[
    "employment", "acting", "colleague", "kinship", "adviser", "supplier", "shareholder", "other", "recommender"
]
# what a ground of this name covers where its document does not say
USUAL_KINDS: dict[str, tuple[TieKind, ...]] = {
    "own_employer": ("employment", "acting", "colleague"),
    "kinship": ("kinship",),
    "adviser": ("adviser",),
    "interest": ("other", "shareholder", "supplier"),
    "recommender_staff": ("recommender",),
}


class ConflictGround(Grounded):
    key: Key
    text: Text
    # the kinds of ties it covers, where the key does not tell
    covers: tuple[TieKind, ...] = ()

    @property
    def kinds(self) -> tuple[TieKind, ...]:
        return self.covers or USUAL_KINDS.get(self.key, ())


class Scoring(Part):
    composite: Ruled[tuple[Weight, ...]] = Field(title="综合得分权重")


class Timing(Part):
    """How days are counted (E1): Civil Code arts. 200–203 where the regulation is silent."""

    first_day_counted: Ruled[Flag] = Field(title="开始的当日计入")
    online_day_ends_at: Ruled[Text] = Field(title="期间最后一日的截止时刻（网上）")
    paper_day_ends_at: Ruled[Text] = Field(title="期间最后一日的截止时刻（纸质）")
    publicity_grace_minutes: Ruled[Count] = Field(
        title="公示期满后系统关闭公示的缓冲", json_schema_extra={"unit": "分钟"}
    )
    application_window_days: Ruled[Positive] = Field(title="申报期", json_schema_extra={"unit": "days"})
    application_window_kind: Ruled[DayKind] | None = Field(default=None, title="申报期的计算")


Recusal.model_rebuild()
