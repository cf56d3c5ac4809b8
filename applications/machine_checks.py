"""What a machine can check (R6), each with the article and the days it rests on; a person settles what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db.models import Max

from award_portal.lib import clock
from awards.listed_matches import Candidate, candidates, lines_by_code
from awards.models import ListedEntity, Round
from awards.names import split_names
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.rulebook.parts import Condition
from awards.workdays import date_zh
from awards.years import add_years
from organizations.codes import CodeRefused, clean_code
from organizations.models import Organization

from .desk_papers import last_day_of
from .form_answers import Filled, draft_of, indicator_years, parse_date, problems_in, submitted_of
from .gates import Blocker
from .ledger_bars import Bar, ban, bar_ground, has_bars, reapply_bar
from .models import Application, Finding

Result = Finding.Result
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Check:
    """The outcome of one check: clear, doubt or stop, with Chinese text and its ground.

    `to_confirm` says what a desk must still confirm of a clear one, for no register tells it (B10.2).
    """

    name: str
    result: str
    text: str
    cite: str
    to_confirm: str = ""


def cutoff_of(round: Round, at: datetime) -> date:
    """The day 满N年 is counted to, by the rulebook: the recommenders' due date, or an end of the window (section 7)."""
    match rulebook_for(round).eligibility.cutoff.value:
        case "recommendation_due":
            return round.recommendation_due_on or clock.day_of(at)
        case "application_due":
            return last_day_of(round.closes_at) if round.closes_at else clock.day_of(at)
        case _:
            return clock.day_of(round.opens_at) if round.opens_at else clock.day_of(at)


def check_founding_years(filled: Filled, at: datetime) -> Check:
    """Years since founding at the cut-off, by category (U9.2, Z13.1); that it ran all the time a person confirms."""
    application = filled.application
    book, subject = application.rulebook, application.organization.subject
    ground = _ground(book, "founding_years", subject)
    founded = _founded_on(filled)
    if founded is None:
        return Check("founding_years", Result.DOUBT, "没有填写成立日期，无法计算运营年限。", ground)
    chosen, offered = filled.data("profile").get("category"), book.categories_for(subject)
    category = next((one for one in offered if one.key == chosen), offered[0])
    years, cutoff = category.min_years.value, cutoff_of(application.round, at)
    reached = add_years(founded, years)
    facts = f"成立于{date_zh(founded)}，“{category.label}”须满{years}年，计算至{date_zh(cutoff)}"
    if reached > cutoff:
        return Check("founding_years", Result.STOP, f"{facts}，尚未达到，{date_zh(reached)}起方可申报。", ground)
    registered = application.organization.founded_on
    if registered and registered != founded:
        text = f"{facts}；填写的成立日期与登记时的{date_zh(registered)}不一致，请核对证照。"
        return Check("founding_years", Result.DOUBT, text, ground)
    text = f"{facts}，{date_zh(reached)}已满。"
    confirm = "其间是否持续正常运营，须人工核实。"
    return Check("founding_years", Result.CLEAR, text, ground, to_confirm=confirm)


def check_reapply_bar(filled: Filled, at: datetime) -> Check:
    """Awards of this scheme that bar another application for the rulebook's years or rounds (U16)."""
    application = filled.application
    book = application.rulebook
    bar = reapply_bar(application.round, application.organization, at=at)
    clear = "不在重复申报限制期内。" if has_bars(book) else "本办法不限制获奖后再次申报。"
    return _by_ledger("reapply_bar", bar, clear=clear, cite=bar_ground(book))


def check_ban(filled: Filled, at: datetime) -> Check:
    """Bans of this scheme on the applicant or, where the rule reaches that far, on its parent (U20)."""
    application = filled.application
    book = application.rulebook
    bar = ban(application.round, application.organization, at=at, parent_code=parent_code_of(filled))
    cite = book.ground(book.supervision.bans[0])
    return _by_ledger("ban", bar, clear="不在不予受理申报的期限内。", cite=cite)


def _by_ledger(name: str, bar: Bar | None, *, clear: str, cite: str) -> Check:
    if bar is None:
        return Check(name, Result.CLEAR, clear, cite)
    return Check(name, Result.STOP if bar.is_certain else Result.DOUBT, bar.text, bar.cite)


def parent_code_of(filled: Filled) -> str:
    """The code of the body that controls the applicant, where the form asks it and the answer is a code."""
    for section in filled.application.rulebook.form.sections:
        if any(one.key == "parent_code" and one.type == "uscc" for one in section.fields):
            try:
                return clean_code(str(filled.answers.get(section.key, {}).get("parent_code", "")))
            except CodeRefused:
                return ""
    return ""


def check_listed(filled: Filled, at: datetime) -> Check:
    """The imported 经营异常名录 and 严重违法 lists, by code, then by name for a person to decide (U11.3)."""
    application = filled.application
    scheme, organization = application.round.scheme, application.organization
    ground = _ground(application.rulebook, "listed", organization.subject)
    if organization.is_person:
        return Check("listed", Result.DOUBT, "名单只列组织，个人的信用情况请人工查询。", ground)
    if by_code := lines_by_code(scheme, organization, on=clock.day_of(at)):
        text = "；".join(f"代码与{_line_zh(one)}一致" for one in by_code)
        return Check("listed", Result.STOP, f"{text}。", ground)
    found = listed_candidates(filled, at=at)
    if same := [one for one in found if one.is_same]:
        text = "；".join(f"与{_line_zh(one.line)}经判定是同一单位" for one in same)
        return Check("listed", Result.STOP, f"{text}。", ground)
    if unknown := [one for one in found if one.is_open]:
        text = "；".join(f"{_line_zh(one.line)}：{one.why}" for one in unknown[:3])
        more = f"等{len(unknown)}条" if len(unknown) > 3 else ""
        return Check("listed", Result.DOUBT, f"请在“名单比对”中判定是否同一单位：{text}{more}。", ground)
    return _unlisted(scheme, ground, settled=len(found))


def _unlisted(scheme, ground: str, *, settled: int) -> Check:
    """No line is the organisation; clear only as far as lists were imported."""
    newest = dict(
        ListedEntity.objects.filter(scheme=scheme).values_list("listing").annotate(at=Max("imported_at")).order_by()
    )
    missing = [label for listing, label in ListedEntity.List.choices if listing not in newest]
    if not newest:
        return Check("listed", Result.DOUBT, f"尚未导入{'和'.join(missing)}，请人工查询。", ground)
    labels = dict(ListedEntity.List.choices)
    imported = "、".join(f"{labels[one]}（{date_zh(clock.day_of(at))}导入）" for one, at in sorted(newest.items()))
    text = f"{imported}中没有该组织"
    text += f"，名称相近的{settled}条已判定不是同一单位。" if settled else "。"
    if missing:
        return Check("listed", Result.DOUBT, f"{text}尚未导入{'和'.join(missing)}，请人工查询。", ground)
    return Check("listed", Result.CLEAR, text, ground)


def listed_candidates(filled: Filled, *, at: datetime) -> list[Candidate]:
    """The listed lines whose name may be the applicant's, decided or not."""
    application = filled.application
    if application.organization.is_person:
        return []
    former = split_names(str(filled.data("profile").get("former_name", "")))
    return candidates(application.round.scheme, application.organization, on=clock.day_of(at), former=former)


def _line_zh(line: ListedEntity) -> str:
    """A line as findings name it: which list, what name, since when, imported when and from which file."""
    since = f"{date_zh(line.listed_on)}列入，" if line.listed_on else ""
    file = f"，文件“{line.source.original_name[-40:]}”" if line.source else ""
    imported = f"{date_zh(clock.day_of(line.imported_at))}导入"
    return f"{line.get_listing_display()}中的“{line.name[:40]}”（{since}{imported}{file}）"


def check_losses(filled: Filled, at: datetime) -> Check:
    """A negative figure in the condition's years: a stop where the condition is prohibitive, else a doubt (Z14.5)."""
    application = filled.application
    book = application.rulebook
    condition = _condition(book, "losses", application.organization.subject)
    assert condition is not None
    ground = book.ground(condition)
    row = next(one for one in book.form.indicators.rows if one.key == condition.indicator)
    count = condition.window_years.value if condition.window_years else book.form.indicators.years.value
    asked = set(indicator_years(application.round, book))
    given = filled.data("indicators")
    figures = {
        year: _figure(given.get(f"{row.key}__{year}")) if year in asked else None
        for year in range(application.round.year - count, application.round.year)
    }
    lost = [f"{year}年{value}{row.unit}" for year, value in figures.items() if value is not None and value < 0]
    unknown = [f"{year}年" for year, value in figures.items() if value is None]
    if lost:
        result = Result.STOP if condition.prohibitive.value else Result.DOUBT
        return Check("losses", result, f"“{row.label}”为负：{'、'.join(lost)}，请对照审计报告核实。", ground)
    if unknown:
        text = f"{'、'.join(unknown)}的“{row.label}”没有可以核对的数字，请对照审计报告核实是否亏损。"
        return Check("losses", Result.DOUBT, text, ground)
    years = "、".join(f"{year}年" for year in figures)
    return Check("losses", Result.CLEAR, f"{years}填报的“{row.label}”均不为负。", ground)


def _figure(text: object) -> Decimal | None:
    """The number typed; None for what is none."""
    try:
        figure = Decimal(str(text or "").strip().replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


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
    "losses": check_losses,
    "completeness": check_completeness,
    "self_publicity": check_self_publicity,
}
# what keeps a form from being handed in at all: no person at a desk can overrule it
AT_THE_DOOR = ("founding_years", "reapply_bar", "ban")


def checks_for(application: Application) -> tuple[str, ...]:
    """The checks this applicant's conditions and the scheme's stages ask for; the ledger is always asked."""
    book, subject = application.rulebook, application.organization.subject
    asked = {"reapply_bar", "ban", "completeness"}
    asked |= {name for one in book.conditions_for(subject) for name in one.checks}
    if not book.categories_for(subject):
        asked.discard("founding_years")
    if book.has_stage("self_publicity"):
        asked.add("self_publicity")
    return tuple(name for name in CHECKS if name in asked)


def check_draft(application: Application, *, at: datetime) -> list[Check]:
    """What the machine finds in the draft; for the applicant, before submitting. Nothing is stored."""
    filled = draft_of(application)
    return [CHECKS[name](filled, at) for name in checks_for(application)]


def door_checks(application: Application, *, at: datetime) -> list[Check]:
    """What keeps the draft from being handed in: too young, barred, or banned (U9.2, U16, U20)."""
    filled = draft_of(application)
    found = [CHECKS[name](filled, at) for name in checks_for(application) if name in AT_THE_DOOR]
    return [one for one in found if one.result == Result.STOP]


def check_submitted(application: Application, *, at: datetime) -> list[Check]:
    """What the machine finds in the latest dossier; for the desk, which confirms what no register tells."""
    filled = submitted_of(application)
    found = [CHECKS[name](filled, at) for name in checks_for(application)]
    return [_for_the_desk(one) for one in found]


def _for_the_desk(check: Check) -> Check:
    doubtful = check.result == Result.CLEAR and check.to_confirm
    result = Result.DOUBT if doubtful else check.result
    text = check.text + check.to_confirm
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return Check(check.name, result, text, check.cite)


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
    """Bans and bars that keep an applicant from applying at all, each with the day it ends (U16, U20)."""
    found = (reapply_bar(round, organization, at=at), ban(round, organization, at=at))
    return [Blocker(one.text, one.cite) for one in found if one is not None and one.is_certain]


def qualifying_days(round: Round, organization: Organization, *, at: datetime) -> list[tuple[str, date, bool]]:
    """For each category: its label, the day the organisation reaches its years, and whether the cut-off is met."""
    book = rulebook_for(round)
    if organization.founded_on is None or _condition(book, "founding_years", organization.subject) is None:
        return []
    cutoff = cutoff_of(round, at)
    rows = []
    for one in book.categories_for(organization.subject):
        reached = add_years(organization.founded_on, one.min_years.value)
        rows.append((one.label, reached, reached <= cutoff))
    return rows


def barred_among(
    organizations: Iterable[Organization], round: Round, *, at: datetime
) -> list[tuple[Organization, list[Blocker]]]:
    """Those that are barred or banned, with the day it ends: told before anything is typed (U16, U20)."""
    found = ((one, entry_blockers(round, organization=one, at=at)) for one in organizations)
    return [(one, blockers) for one, blockers in found if blockers]


def qualifying_among(
    organizations: Iterable[Organization], round: Round, *, at: datetime
) -> list[tuple[Organization, list[tuple[str, date, bool]]]]:
    """Those of which years are asked, each with the day it reaches them in every category (U9.2, Z13.1)."""
    found = ((one, qualifying_days(round, one, at=at)) for one in organizations)
    return [(one, days) for one, days in found if days]


def _condition(book: Rulebook, check: str, subject: str) -> Condition | None:
    """The condition of such an applicant that asks for the check."""
    return next((one for one in book.conditions_for(subject) if check in one.checks), None)


def _ground(book: Rulebook, check: str, subject: str) -> str:
    condition = _condition(book, check, subject)
    return book.ground(condition) if condition else ""


def _founded_on(filled: Filled) -> date | None:
    return parse_date(str(filled.data("profile").get("founded_on", ""))) or filled.application.organization.founded_on
