"""What a machine can check (R6), each with the article and the days it rests on; a person settles what is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from award_portal.lib import clock
from awards.models import Award, Ban, ListedEntity, Round
from awards.parameters import rulebook_for
from awards.workdays import date_zh
from organizations.models import Organization

from .desk_papers import last_day_of
from .form_answers import Filled, draft_of, parse_date, problems_in, submitted_of
from .gates import Blocker
from .models import Application, Finding

Result = Finding.Result


@dataclass(frozen=True)
class Check:
    """The outcome of one check: clear, doubt or stop, with Chinese text and its ground."""

    name: str
    result: str
    text: str
    cite: str


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the last day of its month (Civil Code art. 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def cutoff_of(round: Round, at: datetime) -> date:
    """The day 满N年 is counted to, by the rulebook: the recommenders' due date, or an end of the window (section 7)."""
    match rulebook_for(round).eligibility.cutoff.value:
        case "recommendation_due":
            return round.recommendation_due_on or at.date()
        case "application_due":
            return last_day_of(round.closes_at) if round.closes_at else at.date()
        case _:
            return round.opens_at.astimezone(clock.SHANGHAI).date() if round.opens_at else at.date()


def check_founding_years(filled: Filled, at: datetime) -> Check:
    """Years since founding at the cut-off, by category (U9.2). Continuous operation is for a person to confirm."""
    application = filled.application
    book = application.rulebook
    condition = next(one for one in book.eligibility.conditions if "founding_years" in one.checks)
    ground = book.ground(condition)
    founded = _founded_on(filled)
    if founded is None:
        return Check("founding_years", Result.DOUBT, "没有填写成立日期，无法计算运营年限。", ground)
    chosen = filled.data("profile").get("category")
    category = next((one for one in book.categories if one.key == chosen), book.categories[0])
    years, cutoff = category.min_years.value, cutoff_of(application.round, at)
    reached = add_years(founded, years)
    facts = f"成立于{date_zh(founded)}，“{category.label}”须满{years}年，计算至{date_zh(cutoff)}"
    if reached > cutoff:
        return Check("founding_years", Result.STOP, f"{facts}，尚未达到，{date_zh(reached)}起方可申报。", ground)
    registered = application.organization.founded_on
    if registered and registered != founded:
        text = f"{facts}；填写的成立日期与登记时的{date_zh(registered)}不一致，请核对证照。"
        return Check("founding_years", Result.DOUBT, text, ground)
    return Check("founding_years", Result.CLEAR, f"{facts}，已经达到；正常运营情况请核实。", ground)


def check_reapply_bar(filled: Filled, at: datetime) -> Check:
    return _reapply_bar(filled.application.round, filled.application.organization, at)


def check_ban(filled: Filled, at: datetime) -> Check:
    return _ban(filled.application.round, filled.application.organization, at)


def check_listed(filled: Filled, at: datetime) -> Check:
    """The imported 经营异常名录 and 严重违法 lists, by code, then by name for a person to decide (U11.3)."""
    application = filled.application
    book = application.rulebook
    condition = next((one for one in book.eligibility.conditions if "listed" in one.checks), None)
    ground = book.ground(condition) if condition else ""
    rows = ListedEntity.objects.filter(scheme=application.round.scheme, removed_on=None)
    by_code = rows.filter(code=application.organization.code).first()
    if by_code is not None:
        since = f"（{date_zh(by_code.listed_on)}列入）" if by_code.listed_on else ""
        text = f"代码与{by_code.get_listing_display()}中的“{by_code.name}”一致{since}。"
        return Check("listed", Result.STOP, text, ground)
    by_name = rows.filter(name=application.organization.name).first()
    if by_name is not None:
        text = f"名称与{by_name.get_listing_display()}中的一条记录相同，代码不同，请人工核实。"
        return Check("listed", Result.DOUBT, text, ground)
    if not ListedEntity.objects.filter(scheme=application.round.scheme).exists():
        return Check("listed", Result.DOUBT, "尚未导入经营异常名录和严重违法企业名单，请人工查询。", ground)
    return Check("listed", Result.CLEAR, "已导入的名单中没有该组织。", ground)


def check_completeness(filled: Filled, at: datetime) -> Check:
    problems, book = problems_in(filled), filled.application.rulebook
    ground = book.ground(book.stage("recommendation_review"))
    if problems:
        return Check("completeness", Result.DOUBT, f"有{len(problems)}处不完整，例如：{problems[0].text}", ground)
    return Check("completeness", Result.CLEAR, "申报表各部分和必需的附件齐全。", ground)


def check_self_publicity(filled: Filled, at: datetime) -> Check:
    """Whether the organisation's own publicity ran its days and drew objections (U11.2)."""
    application = filled.application
    book = application.rulebook
    if not book.has_stage("self_publicity"):
        return Check("self_publicity", Result.CLEAR, "本办法不要求内部公示。", "")
    ground = book.ground(book.publicity("self_publicity").days)
    own = application.self_publicities.filter(abandoned_at=None).first()
    if own is None:
        return Check("self_publicity", Result.STOP, "没有内部公示记录。", ground)
    days = f"{date_zh(own.first_day)}至{date_zh(own.last_day)}，共{own.working_days}个工作日"
    if own.had_objections:
        return Check("self_publicity", Result.DOUBT, f"{days}；有异议，请核对处理情况。", ground)
    return Check("self_publicity", Result.CLEAR, f"{days}；无异议，公示证明已上传。", ground)


CHECKS: dict[str, Callable[[Filled, datetime], Check]] = {
    "founding_years": check_founding_years,
    "reapply_bar": check_reapply_bar,
    "ban": check_ban,
    "listed": check_listed,
    "completeness": check_completeness,
    "self_publicity": check_self_publicity,
}


def check_draft(application: Application, *, at: datetime) -> list[Check]:
    """What the machine finds in the draft; for the applicant, before submitting. Nothing is stored."""
    filled = draft_of(application)
    return [check(filled, at) for check in CHECKS.values()]


def check_submitted(application: Application, *, at: datetime) -> list[Check]:
    """What the machine finds in the latest dossier; for the desk that judges it."""
    filled = submitted_of(application)
    return [check(filled, at) for check in CHECKS.values()]


def run_checks(application: Application, *, stage: str, at: datetime) -> list[Finding]:
    """Store every check's outcome for a desk; what a person has settled stays settled unless the outcome changed."""
    stored = {one.check_name: one for one in application.findings.filter(stage=stage)}
    findings = []
    for check in check_submitted(application, at=at):
        finding = stored.get(check.name) or Finding(application=application, check_name=check.name, stage=stage)
        if finding.pk is None or (finding.result, finding.text) != (check.result, check.text):
            finding.result, finding.text, finding.cite, finding.found_at = check.result, check.text, check.cite, at
            finding.settled_at = finding.settled_by = None
            finding.settled_as = finding.note = ""
        finding.run_at = at
        finding.save()
        findings.append(finding)
    return findings


def entry_blockers(round: Round, *, organization: Organization, at: datetime) -> list[Blocker]:
    """Bans and bars that keep an organisation from applying at all, each with the day it ends (U16, U20)."""
    found = [_reapply_bar(round, organization, at), _ban(round, organization, at)]
    return [Blocker(one.text, one.cite) for one in found if one.result == Result.STOP]


def qualifying_days(round: Round, organization: Organization, *, at: datetime) -> list[tuple[str, date, bool]]:
    """For each category: its label, the day the organisation reaches its years, and whether the cut-off is met."""
    if organization.founded_on is None:
        return []
    cutoff = cutoff_of(round, at)
    rows = []
    for one in rulebook_for(round).categories:
        reached = add_years(organization.founded_on, one.min_years.value)
        rows.append((one.label, reached, reached <= cutoff))
    return rows


def _reapply_bar(round: Round, organization: Organization, at: datetime) -> Check:
    """Awards of this scheme that bar another application for the rulebook's years (U16)."""
    book = rulebook_for(round)
    awards = Award.objects.filter(scheme=round.scheme, code=organization.code, unit_name=organization.unit_name)
    ground = book.ground(book.tiers[0].reapply_bar_years)
    for award in awards:
        tier = next((one for one in book.tiers if one.key == award.tier), None)
        years = tier.reapply_bar_years.value if tier else None
        if years and at.date() < (free := add_years(award.awarded_on, years)):
            text = (
                f"该组织{award.year}年获{award.tier_name}，获奖后{years}年内不得重复申报，{date_zh(free)}起方可申报。"
            )
            return Check("reapply_bar", Result.STOP, text, book.ground(tier.reapply_bar_years))  # type: ignore[union-attr]
    return Check("reapply_bar", Result.CLEAR, "不在重复申报限制期内。", ground)


def _ban(round: Round, organization: Organization, at: datetime) -> Check:
    book = rulebook_for(round)
    ban = Ban.objects.in_force(at.date()).filter(scheme=round.scheme, code=organization.code).first()
    if ban is not None:
        text = f"因{ban.ground}，该组织的申报不予受理，{date_zh(ban.ends_on)}起方可申报。"
        return Check("ban", Result.STOP, text, book.cite(ban.cite))
    return Check("ban", Result.CLEAR, "不在不予受理申报的期限内。", book.ground(book.supervision.bans[0]))


def _founded_on(filled: Filled) -> date | None:
    return parse_date(str(filled.data("profile").get("founded_on", ""))) or filled.application.organization.founded_on
