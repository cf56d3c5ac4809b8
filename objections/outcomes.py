"""The finding on an objection and what follows from it for the application (U13, B16, Z17.8).

What follows stands in `Outcome` rows: done at once, or outstanding until the leading body has decided
(`cancelling.py`). The hold goes with the finding; a cancellation that is asked for holds on its own.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.models import Application
from applications.pipeline import State
from applications.recommending import decline
from award_portal.lib import clock
from awards.workdays import date_zh
from organizations.messages import people_of, send_message
from organizations.models import Unit, User

from . import cancelling
from .after_award import award_of, hand_over
from .casework import HandlingRefused, begin_leg, issue_letter, leg_due, record_act, take
from .finding_rules import declines, disqualifies, is_about_application, is_about_recommender, list_rule, puts_out
from .holding import release_hold
from .identity import quotes_objector
from .merging import follow_lead
from .models import Objection, Outcome
from .outcome_papers import issue_recommender_report
from .putting_out import put_out
from .receiving import is_on_its_desk

__all__ = ["decide", "disqualifies", "outcome_zh"]


@transaction.atomic
def decide(
    objection: Objection, *, finding: str, text: str, by: User, at: datetime, about: str = "",
    condition: str | None = None,
) -> Objection:  # fmt: skip
    """The office's finding; upheld it has its consequences, dismissed it has none, the hold goes either way (U13).

    `about`: whom what was upheld is about, where the recommender is accused too; `condition`: the condition it falls
    under as the finding has it, where that is another than the objector named ("" for none).
    """
    Application.objects.select_for_update(of=("self",)).get(pk=objection.application_id)
    objection = take(objection, "decide", by=by, office=True)
    _refuse_unclear(objection, finding=finding, text=text, about=about, condition=condition)
    book = objection.application.rulebook
    objection.finding, objection.finding_text, objection.decided_at = finding, text.strip(), at
    if finding == Objection.Finding.UPHELD:
        objection.found_condition = objection.condition if condition is None else condition
        objection.found_about = about or _usually_about(objection)
    begin_leg(objection, due=leg_due(book, "tell", at), at=at)
    objection.disqualified = puts_out(objection)
    objection.decide()
    objection.save()
    follow_lead(objection, at=at)
    for one in (objection, *objection.followers.all()):
        release_hold(one, because=f"异议已认定：{objection.get_finding_display()}", at=at)
    finding_zh = objection.get_finding_display()
    issue_letter(
        objection, "objection_finding", by=by, at=at, finding=finding_zh, text=text.strip(),
        investigator=objection.investigator.name if objection.investigator else "",
        forwarded_on=_day_zh(objection.forwarded_at), reported_on=_day_zh(objection.reported_at),
        cite=book.ground(book.objections.clocks.decide.days),
    )  # fmt: skip
    record_act(objection, "decide", by=by, at=at, finding=finding)
    if finding == Objection.Finding.UPHELD:
        _bring_about(objection, by=by, at=at)
    return objection


def _day_zh(moment: datetime | None) -> str:
    return date_zh(clock.day_of(moment)) if moment else ""


def outcome_zh(objection: Objection) -> str:
    """What the finding did to the application, in the words of the answer."""
    application = objection.application
    found = {one.kind: one for one in objection.outcomes.all()}
    said = []
    if Outcome.Kind.DECLINED in found:
        said.append(f"该{application.noun}不予推荐，不再进入后续程序。")
    elif (asked := found.get(Outcome.Kind.CANCELLATION)) is not None:
        body = application.rulebook.bodies.leading_body.short
        said.append(asked.result or f"已提请{body}取消其授奖资格，决定作出前暂停有关程序。")
    elif objection.disqualified:
        said.append(f"依照规定取消该{application.noun}参评资格。")
    elif Outcome.Kind.AFTER_AWARD in found:
        said.append("该奖项已经授予，查证属实的情况转入获奖后监督处理。")
    elif not application.is_active:
        said.append(f"该申报此前已经结束（{application.state_label}），本认定记入办理档案。")
    else:
        said.append("该申报按程序继续办理。")
    if Outcome.Kind.RECOMMENDER in found:
        said.append("涉及审核推荐单位的情况已报告监督部门。")
    return "".join(said)


def _refuse_unclear(objection: Objection, *, finding: str, text: str, about: str, condition: str | None) -> None:
    if finding not in Objection.Finding.values:
        raise HandlingRefused("请选择认定结论。")
    if len(text.strip()) < 10:
        raise HandlingRefused("请写明认定的事实、依据和结论。")
    if quotes_objector(objection, text):
        raise HandlingRefused("认定意见将通报审核推荐单位，不得写入异议人的姓名、名称或者电话，请修改。")
    if about and about not in Objection.About.values:
        raise HandlingRefused("请选择查证属实的是哪一方的情形。")
    known = {one.key for one in objection.application.rulebook.eligibility.conditions}
    if condition and condition not in known:
        raise HandlingRefused("没有这项申报条件，请重新选择。")
    if objection.handler_id and objection.application.is_active and not is_on_its_desk(objection.application):
        office = objection.application.rulebook.role("office")
        raise HandlingRefused(f"该申报已经报送{office}，不再由本单位认定；请将本件移送{office}。")
    if (
        finding == Objection.Finding.UPHELD
        and is_about_recommender(about or _usually_about(objection))
        and not objection.accuses_recommender
    ):
        raise HandlingRefused("该异议没有涉及审核推荐单位，不能作出涉及审核推荐单位的认定。")


def _usually_about(objection: Objection) -> str:
    """Where nobody said: an objection to the recommender that names no condition is about the recommender alone."""
    if objection.accuses_recommender and not objection.condition:
        return Objection.About.RECOMMENDER
    return Objection.About.APPLICATION


def _bring_about(objection: Objection, *, by: User, at: datetime) -> None:
    """Each consequence the rulebook has for what was upheld; none is left to somebody's memory."""
    application = objection.application
    if is_about_recommender(objection.found_about):
        _report_recommender(objection, by=by, at=at)
    if not is_about_application(objection.found_about):
        return
    if application.state == State.AWARDED:
        _hand_to_supervision(objection, by=by, at=at)
    elif declines(objection):
        _decline(objection, by=by, at=at)
    elif objection.disqualified:
        _disqualify(objection, by=by, at=at)
    elif list_rule(application) == "leading_body_cancels":
        cancelling.ask_to_cancel(objection, by=by, at=at)


def _disqualify(objection: Objection, *, by: User, at: datetime) -> None:
    """Out of the round, told in writing; the notice that names it is struck by the door itself (U13, Z17.8)."""
    application = objection.application
    book = application.rulebook
    if disqualifies(objection):
        words = book.condition(objection.found_condition).text
        ground = f"异议（{objection.number}）查证属实，不符合“{words}”"
        cite = book.ground(book.objections.upheld_on_prohibition)
    else:
        words, ground = "", f"对建议名单的异议（{objection.number}）查证属实"
        cite = book.ground(book.objections.upheld_on_list)
    put_out(objection, words=words, ground=ground, cite=cite, facts={}, by=by, at=at)
    Outcome.objects.create(
        objection=objection, kind=Outcome.Kind.DISQUALIFIED, cite=cite[:300], opened_at=at, done_at=at,
        result="已取消参评资格",
    )  # fmt: skip


def _decline(objection: Objection, *, by: User, at: datetime) -> None:
    """Not recommended, by the recommender itself: only 经公示无异议的 are (U11.3, O6)."""
    application = objection.application
    book = application.rulebook
    words = book.condition(objection.found_condition).text
    cite = book.ground(book.stage(State.RECOMMENDATION))
    ground = f"对推荐公示名单的异议（{objection.number}）查证属实，不符合“{words}”"
    paper = decline(application, ground=ground, cite=cite, by=by, at=at)
    application = Application.objects.get(pk=application.pk)
    objection.application = application
    Outcome.objects.create(
        objection=objection, kind=Outcome.Kind.DECLINED, cite=cite[:300], opened_at=at, done_at=at,
        result=f"已决定{application.state_label}", document=paper,
    )  # fmt: skip


def _report_recommender(objection: Objection, *, by: User, at: datetime) -> None:
    """What was upheld against the recommender goes to the supervising department and to the recommender's desk."""
    application = objection.application
    book, round = application.rulebook, application.round
    watchers = list(Unit.objects.active().of_scheme(round.scheme.key).of_kind("supervisor"))
    paper = issue_recommender_report(objection, to="、".join(one.name for one in watchers), by=by, at=at)
    Outcome.objects.create(
        objection=objection, kind=Outcome.Kind.RECOMMENDER, cite=book.discipline_ground[:300], opened_at=at,
        done_at=at, result="已书面报告监督部门" if watchers else "已记入办理档案", document=paper,
    )  # fmt: skip
    told = [one for unit in watchers for one in people_of(unit)]
    send_message(told, subject=f"关于审核推荐单位有关情况的报告：{objection.number}", body="请查阅。", at=at)
    if application.recommender is not None:
        send_message(
            people_of(application.recommender), subject=f"涉及本单位的异议查证属实：{objection.number}",
            body="有关情况已报告监督部门；申报按其自身情况继续审查。", at=at,
        )  # fmt: skip


def _hand_to_supervision(objection: Objection, *, by: User, at: datetime) -> None:
    """Upheld once the award is granted: the round is over, supervision takes the case up (S5)."""
    award = award_of(objection)
    if award is None:
        return
    book = objection.application.rulebook
    taken = hand_over(
        objection, award, ground_text=f"异议（{objection.number}）查证属实：{objection.finding_text}", by=by, at=at
    )
    Outcome.objects.create(
        objection=objection, kind=Outcome.Kind.AFTER_AWARD, cite=book.ground(book.objections)[:300], opened_at=at,
        done_at=at if taken else None, result="已转获奖后监督" if taken else "",
    )  # fmt: skip
