"""The further legs of a recommendation: another unit consents, and seals where the scheme asks it (Z17.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from award_portal.lib import clock
from awards.rulebook import Rulebook
from awards.rulebook.process import Leg
from awards.workdays import date_zh
from organizations import evidence
from organizations.messages import people_of, send_message
from organizations.models import Membership, StoredFile, Unit, UnitKind, User

from .checklists import checklist_of, signature_missing
from .desk_papers import issue_consent_letter
from .desk_rules import DeskRefused, lock_on_desk, require_text
from .gates import Blocker, short_citation
from .models import Application, LegConsent
from .pipeline import State
from .rules import on_duty

STAGE = State.RECOMMENDATION_REVIEW
Verdict = LegConsent.Verdict


@dataclass(frozen=True)
class LegRow:
    """One leg with the consent that stands for it, if one was asked; `stale` when the dossier changed since."""

    leg: Leg
    ground: str
    consent: LegConsent | None
    unit: Unit | None
    stale: bool

    @property
    def short_citation(self) -> str:
        return short_citation(self.ground)

    @property
    def may_be_sought(self) -> bool:
        """Never asked, refused, or given for a dossier that was corrected since."""
        return self.consent is None or self.stale or self.consent.verdict == Verdict.REFUSES

    @property
    def waits_for_paper(self) -> bool:
        """Asked of a unit without a desk here: its sealed paper is entered by the recommender."""
        return self.consent is not None and not self.consent.verdict and not self.stale and not _has_people(self.unit)


def leg_rows(application: Application) -> list[LegRow]:
    """The legs of the recommendation in the rulebook's order, each with what stands for it."""
    book = application.rulebook
    standing = {one.leg: one for one in LegConsent.objects.standing().filter(application=application).with_names()}
    version = _dossier_version(application)
    rows = []
    for leg in book.legs:
        consent = standing.get(leg.key)
        unit = consent.unit if consent else consenting_unit(application, leg)
        stale = consent is not None and consent.dossier_version != version
        rows.append(LegRow(leg, book.ground(leg), consent, unit, stale))
    return rows


def consenting_unit(application: Application, leg: Leg) -> Unit | None:
    """The unit that consents at its own desk: of the leg's kind, of the applicant's district, with somebody in it."""
    if leg.by is None:
        return None
    units = Unit.objects.active().of_scheme(application.round.scheme.key).of_kind(UnitKind.CONSENTER)
    here = units.filter(recommender_key=leg.by, district=application.district).order_by("pk")
    return next((one for one in here if _has_people(one)), None)


@transaction.atomic
def seek_consent(application: Application, leg: str, *, by: User, at: datetime) -> LegConsent:
    """Ask the leg's unit for its consent once the first review is signed; prints the paper it may seal (Z17.3).

    Raises DeskRefused while the first review is not signed, or while an answer is awaited or already given.
    """
    application = lock_on_desk(application, stage=STAGE, by=by)
    book = application.rulebook
    rule = _leg(book, leg)
    found = signature_missing(application, STAGE)
    row = next(one for one in leg_rows(application) if one.leg.key == leg)
    if not row.may_be_sought:
        found.append(Blocker(f"“{rule.label}”已经提请，不能重复提请。", book.ground(rule)))
    if found:
        raise DeskRefused(found)
    if row.consent is not None:
        LegConsent.objects.filter(pk=row.consent.pk).update(superseded_at=at)
    unit = consenting_unit(application, rule)
    letter = issue_consent_letter(application, leg=rule, unit=unit, review=first_review(application), by=by, at=at)
    consent = LegConsent.objects.create(
        application=application, leg=leg, unit=unit, dossier_version=_dossier_version(application),
        asked_at=at, asked_by=by, letter=letter,
    )  # fmt: skip
    if unit is not None:
        send_message(
            people_of(unit), subject=f"提请{rule.label}：{application.organization}"[:120],
            url=consent.get_absolute_url(), at=at,
        )  # fmt: skip
    _record("seek", consent, by=by, at=at)
    return consent


@transaction.atomic
def decide_consent(
    consent: LegConsent, *, verdict: str, ground: str = "", paper: StoredFile | None = None, by: User, at: datetime
) -> LegConsent:
    """The unit's own word at its own desk: consent, with the sealed page where one is asked, or refusal with ground."""
    Application.objects.select_for_update(of=("self",)).get(pk=consent.application_id)
    consent = _locked(consent)
    if consent.unit is None or not on_duty(by, consent.unit, consent.application.round):
        raise DeskRefused.because("该申报不由本单位出具意见。")
    today = clock.day_of(at)
    return _decide(
        consent, verdict=verdict, ground=ground, consenter=consent.unit.name, decided_on=today, paper=paper, by=by,
        at=at,
    )  # fmt: skip


@transaction.atomic
def enter_consent(
    consent: LegConsent, *, verdict: str, consenter: str, decided_on: date, ground: str = "",
    paper: StoredFile | None, by: User, at: datetime,
) -> LegConsent:  # fmt: skip
    """What a unit without a desk here wrote on paper, entered by the recommender with the sealed page."""
    lock_on_desk(consent.application, stage=STAGE, by=by)
    consent = _locked(consent)
    consenter = require_text(consenter, "出具意见的单位")
    if _has_people(consent.unit):
        raise DeskRefused.because(f"{consent.unit}在系统内办理，由其自行出具意见。", _leg_ground(consent))
    if decided_on > clock.day_of(at):
        raise DeskRefused.because("出具日期不能晚于今天。")
    if paper is None:
        raise DeskRefused.because("请上传纸质意见的扫描件。其他已填内容已保留。", _leg_ground(consent))
    return _decide(
        consent, verdict=verdict, ground=ground, consenter=consenter, decided_on=decided_on, paper=paper, by=by, at=at
    )


def consents_missing(application: Application) -> list[Blocker]:
    """What the door wants of the legs: each consented to, for the dossier as it stands (Z17.3)."""
    found = []
    for row in leg_rows(application):
        if row.consent is None:
            text = f"尚未提请{row.leg.label}。"
        elif row.stale:
            text = f"“{row.leg.label}”是对补正前的材料出具的，请重新提请。"
        elif not row.consent.verdict:
            text = f"“{row.leg.label}”尚未出具意见。"
        elif not row.consent.is_given:
            text = f"{row.consent.consenter}不同意推荐。可以不予推荐，或者在情况变化后重新提请。"
        else:
            continue
        found.append(Blocker(text, row.ground))
    return found


def first_review(application: Application) -> dict[str, Any]:
    """How the first review went, for the unit that is asked after it: who signed, when, and the opinion."""
    checklist = checklist_of(application, STAGE)
    if checklist is None or checklist.signed_at is None:
        return {}
    return {
        "unit": application.recommender.name if application.recommender else "",
        "opinion": checklist.opinion,
        "signed_on": date_zh(clock.day_of(checklist.signed_at)),
    }


def leg_of(consent: LegConsent) -> Leg:
    """The rulebook's leg a consent was asked for."""
    return _leg(consent.application.rulebook, consent.leg)


def summary_of(application: Application) -> list[tuple[str, str]]:
    """What the consenting unit sees of an application: who applies for what; nothing of the dossier itself."""
    book, organization = application.rulebook, application.organization
    category = next((one.label for one in book.categories if one.key == application.category), "")
    code = organization.code if organization.subject == "organization" else ""
    rows = [
        ("申报编号", application.number), ("统一社会信用代码", code), ("所在地", application.district),
        ("行业", application.industry), ("申报类别", category), ("申报奖项", book.award_name),
    ]  # fmt: skip
    return [(label, text) for label, text in rows if text]


# -- parts ------------------------------------------------------------------------------------------------------------


def _decide(
    consent: LegConsent, *, verdict: str, ground: str, consenter: str, decided_on: date, paper: StoredFile | None,
    by: User, at: datetime,
) -> LegConsent:  # fmt: skip
    application = consent.application
    leg, cite = leg_of(consent), _leg_ground(consent)
    found = []
    if application.state != STAGE or consent.superseded_at or consent.dossier_version != _dossier_version(application):
        found.append(Blocker("该申报已不在待出具意见的环节，或者材料已经补正。请刷新后再办。", cite))
    if consent.verdict:
        found.append(Blocker(f"已经出具意见：{consent.get_verdict_display()}。", cite))
    if verdict not in Verdict.values:
        found.append(Blocker("请选择同意或者不同意。"))
    if verdict == Verdict.REFUSES and not ground.strip():
        found.append(Blocker("不同意推荐的，请写明理由。", cite))
    if verdict == Verdict.CONSENTS and leg.sealed and paper is None:
        found.append(Blocker("同意推荐须加盖公章，请上传盖章页扫描件。", cite))
    if found:
        raise DeskRefused(found)
    consent.verdict, consent.ground, consent.consenter = verdict, ground.strip(), consenter
    consent.decided_on, consent.paper, consent.recorded_at, consent.recorded_by = decided_on, paper, at, by
    consent.save()
    if application.recommender is not None:
        send_message(
            people_of(application.recommender), at=at,
            subject=f"{consenter}{consent.get_verdict_display()}：{application.organization}"[:120],
            url=reverse("applications:examine", args=[application.public_id]),
        )  # fmt: skip
    _record("decide", consent, by=by, at=at)
    return consent


def _locked(consent: LegConsent) -> LegConsent:
    """The row locked by itself; whom it belongs to is read afterwards."""
    LegConsent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    return LegConsent.objects.with_names().get(pk=consent.pk)


def _leg(book: Rulebook, key: str) -> Leg:
    leg = next((one for one in book.legs if one.key == key), None)
    if leg is None:
        raise DeskRefused.because("该奖项没有这一推荐步骤。")
    return leg


def _leg_ground(consent: LegConsent) -> str:
    return consent.application.rulebook.ground(leg_of(consent))


def _dossier_version(application: Application) -> int:
    dossier = application.current_dossier
    return dossier.version if dossier else 1


def _has_people(unit: Unit | None) -> bool:
    return unit is not None and Membership.objects.current().filter(unit=unit).exists()


def _record(what: str, consent: LegConsent, *, by: User, at: datetime) -> None:
    evidence.record(
        f"consent.{what}", chain=consent.application.round.chain, by=by, subject=f"consent:{consent.public_id}", at=at,
        data={
            "application": str(consent.application.public_id), "leg": consent.leg, "verdict": consent.verdict,
            "paper": consent.paper.sha256 if consent.paper else "",
        },
    )  # fmt: skip
