"""Who goes on from a review stage: decided for all who stand there, under a ceiling, with reasons (U11.5–U11.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from applications.corrections import tell_applicant
from applications.desk_rules import DeskRefused
from applications.gates import Blocker
from applications.models import Application, DossierGrant
from applications.moves import move
from awards.models import Round
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from organizations import evidence
from organizations.models import User

from .aggregating import rounded
from .models import Assignment, CutDecision, CutLine, PanelOpinion
from .panels import require_office
from .review_papers import about, issue_review_paper


@dataclass(frozen=True)
class Ranked:
    """One line of the table: equal scores share a rank; `on_line` marks those tied across the ceiling.

    `percent` of the own total is what is compared, since criteria of different applicants add up to different totals.
    """

    application: Application
    opinion: PanelOpinion
    percent: Decimal
    rank: int
    above: bool
    on_line: bool


def ceiling_of(book: Rulebook, stage: str) -> int | None:
    """How many may go on: the rulebook's times the quota of all tiers, rounded down; None: all go on."""
    times = book.review(stage).cut_times_quota.value
    if times is None:
        return None
    return int(Decimal(str(times)) * sum(one.quota.value for one in book.tiers))


def places_left(round: Round, stage: str) -> int | None:
    """The ceiling less those whom earlier decisions of the stage let pass; None: no ceiling."""
    ceiling = ceiling_of(rulebook_for(round), stage)
    if ceiling is None:
        return None
    passed = CutLine.objects.filter(decision__round=round, decision__stage=stage, passing=True).count()
    return max(ceiling - passed, 0)


def ranked_table(round: Round, stage: str) -> list[Ranked]:
    """The stage's applications with a concluded opinion, highest share of the own total first (Y11), raw scores too."""
    standing = Application.objects.filter(round=round, state=stage).with_names()
    opinions = {one.application_id: one for one in PanelOpinion.objects.filter(application__in=standing, stage=stage)}
    rows = sorted(
        ((_share(opinions[one.pk]), opinions[one.pk], one) for one in standing if one.pk in opinions),
        key=lambda row: (-row[0], row[2].pk),
    )
    places = places_left(round, stage)
    line = rows[places - 1][0] if places and len(rows) > places else None
    tied = line is not None and places is not None and rows[places][0] == line
    ranks: dict[Fraction, int] = {}
    table = []
    for position, (share, opinion, application) in enumerate(rows, start=1):
        rank = ranks.setdefault(share, position)
        above = places is None or position <= places
        percent = rounded(opinion.score / opinion.total * 100)
        table.append(Ranked(application, opinion, percent, rank, above, on_line=tied and share == line))
    return table


def _share(opinion: PanelOpinion) -> Fraction:
    """The score as an exact part of its total: two are equal only when they are."""
    return Fraction(opinion.score) / Fraction(opinion.total)


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

    Never more than the ceiling. Those who do not go on are told in writing; the readers' access to all of them ends.
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
    rule = book.review(stage)
    found = cut_blockers(round, stage)
    if going - set(keys):
        found.append(Blocker("所选申报不在本环节。页面可能已过时，请刷新后再办。"))
    places = places_left(round, stage)
    if places is not None and len(going) > places:
        found.append(
            Blocker(f"进入下一环节的不超过{places}家，所选{len(going)}家超过上限。", book.ground(rule.cut_times_quota))
        )
    if places is None and set(keys) - going:
        found.append(Blocker("本环节评审后全部进入下一环节，不得减少。", book.ground(rule.cut_times_quota)))
    without = [key for key in keys if key not in going and not reasons.get(key)]
    if without:
        names = Application.objects.filter(pk__in=without).select_related("organization").order_by("pk")
        text = "、".join(str(one.organization) for one in names)
        found.append(Blocker(f"请填写未进入下一环节的理由：{text}。", book.ground(book.stage(stage))))
    if found:
        raise DeskRefused(found)


def _write_line(
    decision: CutDecision, row: Ranked, going: set[int], reasons: Mapping[int, str], *, by: User, at: datetime
) -> CutLine:
    application = row.application
    passing = application.pk in going
    reason = "" if passing else reasons[application.pk]
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
