"""Who goes on from a review stage: decided for all who stand there, under a ceiling, with reasons (U11.5–U11.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application, DossierGrant
from applications.moves import move
from awards.models import Round
from awards.parameters import rulebook_for
from organizations import evidence
from organizations.models import User

from .cut_table import Ranked, ceiling_of, out_of_order, places_left, ranked_table
from .models import Assignment, CutDecision, CutLine, PanelOpinion
from .panels import require_office
from .review_papers import about, issue_review_paper


def cut_blockers(round: Round, stage: str) -> list[Blocker]:
    """What stands before a decision: every application at the stage has its panel's opinion."""
    book = rulebook_for(round)
    cite = book.ground(book.stage(stage))
    standing = list(Application.objects.filter(round=round, state=stage).select_related("organization").order_by("pk"))
    if not standing:
        return [Blocker("本环节没有待决定的申报。", cite)]
    done = set(
        PanelOpinion.objects.filter(application__in=standing, stage=stage).values_list("application_id", flat=True)
    )
    without = [str(one.organization) for one in standing if one.pk not in done]
    return [Blocker(f"尚未形成评审意见：{'、'.join(without)}。", cite)] if without else []


@transaction.atomic
def decide_cut(
    round: Round,
    *,
    stage: str,
    passing: Collection[Application],
    reasons: Mapping[int, str],
    by: User,
    at: datetime,
) -> CutDecision:
    """Decide on all who stand at the stage at once: `passing` go on, each other leaves with its reason (by key).

    Never more than the ceiling, never one under a veto or the floor; who goes on before a higher score has a reason.
    Those who do not go on are told in writing; the readers' access to all of them ends.
    """
    require_office(round, by)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    keys = list(
        Application.objects.select_for_update(of=("self",))
        .filter(round=round, state=stage).order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip
    going = {one.pk for one in passing}
    reasons = {key: text.strip() for key, text in reasons.items()}
    _refuse_wrong(round, stage, keys, going, reasons)
    decision = CutDecision.objects.create(
        round=round, stage=stage, ceiling=ceiling_of(rulebook_for(round), stage), decided_at=at, decided_by=by
    )
    lines = [_write_line(decision, row, going, reasons, by=by, at=at) for row in ranked_table(round, stage)]
    for line in sorted(lines, key=lambda one: one.application_id):
        _carry_out(line, by=by, at=at)
    _end_reading(keys, stage, at=at)
    evidence.record(
        "cut.decide", chain=round.chain, by=by, subject=f"cut:{decision.public_id}", at=at,
        data={"stage": stage, "passing": [str(one.application.public_id) for one in lines if one.passing],
              "not_advanced": [str(one.application.public_id) for one in lines if not one.passing]},
    )  # fmt: skip
    return decision


def _refuse_wrong(round: Round, stage: str, keys: list[int], going: set[int], reasons: Mapping[int, str]) -> None:
    book = rulebook_for(round)
    found = cut_blockers(round, stage)
    if going - set(keys):
        found.append(Blocker("所选申报不在本环节。页面可能已过时，请刷新后再办。"))
    table = ranked_table(round, stage)
    found += _over_the_line(round, stage, table, going)
    if places_left(round, stage) is None and any(one.application.pk not in going and not one.barred for one in table):
        found.append(
            Blocker("本环节评审后全部进入下一环节，不得减少。", book.ground(book.review(stage).cut_times_quota))
        )
    without = [key for key in keys if key not in going and not reasons.get(key)]
    if without:
        names = Application.objects.filter(pk__in=without).select_related("organization").order_by("pk")
        text = "、".join(str(one.organization) for one in names)
        found.append(Blocker(f"请填写未进入下一环节的理由：{text}。", book.ground(book.stage(stage))))
    odd = [one for one in out_of_order(table, dict.fromkeys(going, True)) if not reasons.get(one.application.pk)]
    if odd:
        text = "、".join(str(one.application.organization) for one in odd)
        found.append(
            Blocker(f"得分高的未进入而得分低的进入，请填写后者进入的理由：{text}。", book.ground(book.stage(stage)))
        )
    if found:
        raise DeskRefused(found)


def _over_the_line(round: Round, stage: str, table: list[Ranked], going: set[int]) -> list[Blocker]:
    """Whom no reason lets go on: more than the ceiling, a veto, a score under the floor, a tie the rulebook settles."""
    book = rulebook_for(round)
    rule, found = book.review(stage), []
    for one in table:
        if one.application.pk in going and one.barred:
            text = f"{one.application.organization}不能进入下一环节：{'；'.join(one.barred)}。"
            found.append(Blocker(text, book.ground(rule.floor_percent or rule.rubric)))
    tied = {one.application.pk for one in table if one.on_line}
    names = "、".join(str(one.application.organization) for one in table if one.on_line)
    settled = rule.cut_tie.value if rule.cut_tie and tied else "office_decides"
    if settled == "none_pass" and tied & going:
        found.append(Blocker(f"末位同分的均不进入下一环节：{names}。", book.ground(rule.cut_tie)))
    if settled == "all_pass" and tied & going and tied - going:
        found.append(Blocker(f"末位同分的应一并进入下一环节：{names}。", book.ground(rule.cut_tie)))
    places = places_left(round, stage)
    counted = going - tied if settled == "all_pass" else going
    if places is not None and len(counted) > places:
        text = f"进入下一环节的不超过{places}家，所选{len(going)}家超过上限。"
        found.append(Blocker(text, book.ground(rule.cut_times_quota)))
    return found


def _write_line(
    decision: CutDecision, row: Ranked, going: set[int], reasons: Mapping[int, str], *, by: User, at: datetime
) -> CutLine:
    application = row.application
    passing = application.pk in going
    reason = reasons.get(application.pk, "") if passing else reasons[application.pk]
    document = None
    if not passing:
        book = application.rulebook
        content = {
            **about(application), "stage": book.label(decision.stage), "reason": reason,
            "ground": book.ground(book.stage(decision.stage)),
            "ceiling": decision.ceiling, "ceiling_ground": book.ground(book.review(decision.stage).cut_times_quota),
            "score": str(row.opinion.score), "total": str(row.opinion.total),
        }  # fmt: skip
        document = issue_review_paper(
            "not_advanced_notice", decision.round, content, title=book.instrument("not_advanced_notice"),
            subject=f"application:{application.public_id}", by=by, at=at,
        )  # fmt: skip
    return CutLine.objects.create(
        decision=decision, application=application, passing=passing, reason=reason, score=row.opinion.score,
        rank=row.rank, document=document,
    )  # fmt: skip


def _carry_out(line: CutLine, *, by: User, at: datetime) -> None:
    application, decision = line.application, line.decision
    book = application.rulebook
    facts = {"cut": str(decision.public_id)}
    cite = book.ground(book.stage(decision.stage))
    if line.passing:
        step = move(application.pk, "pass_review", by=by, at=at, cite=cite, facts=facts)
        subject = f"已进入{book.label(step.to_state)}"
    else:
        move(application.pk, "eliminate", by=by, at=at, ground=line.reason, cite=cite, facts=facts)
        subject = f"{book.label('eliminated')}，请查看{book.instrument('not_advanced_notice')}"
    tell_applicant(application, subject=subject, at=at)


def _end_reading(keys: list[int], stage: str, *, at: datetime) -> None:
    """The stage is over: its readers' grants end; their assignments stay as the record of who judged."""
    grants = Assignment.objects.active().filter(application__in=keys, panel__stage=stage).values("grant")
    DossierGrant.objects.filter(pk__in=grants, revoked_at=None).update(revoked_at=at, revoked_because="本环节评审结束")
