"""Bars and bans by the scheme's own ledger, each with the day it ends, for organisations and people (U16, U20, Y4)."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
import yaml

from applications.form_answers import Filled
from applications.ledger_bars import ban, reapply_bar
from applications.machine_checks import check_ban, check_losses, check_reapply_bar, entry_blockers
from applications.models import Application
from award_portal.lib import clock
from awards.models import Award, Ban, Round
from organizations.identity import register_person
from organizations.models import Organization
from tests.factories import make_organization, make_round, urumqi_text, valid_uscc

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "calendars")]
PERSON = "11010119900307002X"


@cache
def other_city() -> str:
    """A rulebook as another city might write it: bars in rounds, bans that reach subsidiaries, losses forbidden."""
    data = yaml.safe_load(urumqi_text())
    main, nominee = data["tiers"]
    main["reapply_bar_years"] = {"value": None, "cite": "16"}
    main["reapply_bar_rounds"] = {"value": 2, "cite": "16"}
    nominee["reapply_bar_years"] = {"value": 5, "cite": "16"}
    data["supervision"]["bans"][0]["reaches_subsidiaries"] = {"value": True, "cite": "20"}
    profile = next(one for one in data["form"]["sections"] if one["kind"] == "profile")
    profile["fields"].append({"key": "parent_code", "label": "控股单位代码", "type": "uscc", "required": False})
    data["eligibility"]["conditions"].append({
        "key": "no_losses", "title": "没有亏损", "text": "近3年未出现亏损", "declaration": "本组织近3年未出现亏损",
        "cite": "9.3", "prohibitive": {"value": True, "cite": "9.3"}, "checks": ["losses"], "indicator": "profit",
        "window_years": {"value": 3, "cite": "9.3"},
    })  # fmt: skip
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def award(of: Round, organization: Organization, tier: str = "main", **given) -> Award:
    values = {
        "scheme": of.scheme, "name": organization.name, "code": organization.code, "tier": tier, "tier_name": "质量奖",
        "year": 2024, "awarded_on": date(2024, 6, 30),
    } | given  # fmt: skip
    return Award.objects.create(**values)


def bar(round: Round, organization: Organization):
    return reapply_bar(round, organization, at=clock.now())


def test_a_bar_counted_in_rounds_names_the_round_from_which_one_may_apply_again() -> None:
    round, organization = make_round(edition_text=other_city()), make_organization()
    past = Round.objects.create(
        scheme=round.scheme, edition=round.edition, office=round.office, year=2024, ordinal=round.ordinal + 100,
        title="样例届次", prepared_at=clock.now(),
    )  # fmt: skip
    Round.objects.filter(pk=round.pk).update(ordinal=past.ordinal + 2)
    round.refresh_from_db()
    award(round, organization, round=past)
    found = bar(round, organization)
    assert f"获奖后2届内不得重复申报，本届为其后第2届，第{round.ordinal + 1}届起方可申报" in found.text
    assert "第十六条" in found.cite
    Round.objects.filter(pk=round.pk).update(ordinal=past.ordinal + 3)
    round.refresh_from_db()
    assert bar(round, organization) is None


def test_a_round_before_the_portal_counts_by_the_years_of_the_imported_ledger() -> None:
    round, organization = make_round(edition_text=other_city()), make_organization()
    award(round, organization, year=2020, awarded_on=date(2020, 6, 30))
    assert "本届为其后第1届" in bar(round, organization).text
    award(round, make_organization(), year=2022)
    assert "本届为其后第2届" in bar(round, organization).text
    award(round, make_organization(), year=2024)
    assert bar(round, organization) is None


def test_of_several_bars_the_one_that_ends_last_is_told() -> None:
    round, organization = make_round(), make_organization()
    award(round, organization, awarded_on=date(2023, 6, 30), year=2023)
    award(round, organization, awarded_on=date(2025, 6, 30), year=2025)
    award(round, organization, tier="nominee", awarded_on=date(2025, 12, 30), year=2025)
    assert "2030年6月30日起方可申报" in bar(round, organization).text


def test_a_winner_of_a_tier_that_no_longer_exists_is_not_barred() -> None:
    round, organization = make_round(), make_organization()
    award(round, organization, tier="", tier_name="市长质量奖")
    assert bar(round, organization) is None


def test_a_bar_holds_for_the_unit_that_won_and_not_for_another_under_its_code() -> None:
    round, organization = make_round(), make_organization()
    branch = make_organization(code=organization.code, unit_name="样例分公司（虚构）", kind="branch")
    award(round, organization)
    assert bar(round, branch) is None
    assert bar(round, organization).is_certain


def test_a_line_of_the_register_without_a_code_is_a_doubt_by_its_name_and_keeps_nobody_out() -> None:
    round, organization = make_round(), make_organization(name="样例天山精工有限公司（虚构）")
    award(round, organization, code="", name="样例天山精工有限责任公司(虚构)")
    application = Application(round=round, organization=organization)
    found = check_reapply_bar(Filled(application, {}, {}), clock.now())
    assert found.result == "doubt"
    assert "未载代码" in found.text
    assert "2029年6月30日起方可申报" in found.text
    assert entry_blockers(round, organization=organization, at=clock.now()) == []


def test_another_schemes_awards_and_bans_do_not_count() -> None:
    round, organization = make_round(), make_organization()
    other = type(round.scheme).objects.create(key="elsewhere", name="别处的奖（虚构）", short_name="别处")
    award(round, organization, scheme=other)
    make_ban(round, organization.code, scheme=other)
    assert entry_blockers(round, organization=organization, at=clock.now()) == []


def test_y4_a_person_is_barred_and_banned_under_the_key_of_the_identity_number() -> None:
    round = make_round()
    person = register_person(PERSON, name="样例甲", at=clock.now())
    award(round, person)
    make_ban(round, person.code)
    told = [str(one) for one in entry_blockers(round, organization=person, at=clock.now())]
    assert any("2029年6月30日起方可申报" in one for one in told)
    assert any("2030年1月1日起方可申报" in one for one in told)
    assert not any(person.code in one or PERSON in one for one in told)


def make_ban(round: Round, code: str, rule: str = "false_materials", **given) -> Ban:
    values = {
        "scheme": round.scheme, "name": "样例集团（虚构）", "code": code, "rule": rule, "ground": "提供虚假材料",
        "cite": "20", "starts_on": date(2025, 1, 1), "ends_on": date(2030, 1, 1), "decided_by": "样例办公室",
    } | given  # fmt: skip
    return Ban.objects.create(**values)


def owned_by(round: Round, parent: str) -> Filled:
    """What an applicant filled in that names this body as the one that controls it."""
    application = Application(round=round, organization=make_organization())
    profile = next(one for one in application.rulebook.form.sections if one.kind == "profile")
    return Filled(application, {profile.key: {"parent_code": parent}}, {})


def test_a_ban_reaches_subsidiaries_where_the_rule_says_so_and_names_the_parent_and_the_article() -> None:
    round, parent = make_round(edition_text=other_city()), valid_uscc(777)
    make_ban(round, parent)
    found = check_ban(owned_by(round, parent), clock.now())
    assert found.result == "stop"
    assert "“样例集团（虚构）”因提供虚假材料不予受理申报" in found.text
    assert "2030年1月1日起方可申报" in found.text
    assert "第二十条" in found.cite


@pytest.mark.parametrize(("rule", "starts", "given"), [
    ("fraud", date(2025, 1, 1), valid_uscc(777)),
    ("a_rule_of_an_earlier_edition", date(2025, 1, 1), valid_uscc(777)),
    ("false_materials", date(2026, 3, 3), valid_uscc(777)),
    ("false_materials", date(2025, 1, 1), valid_uscc(778)),
    ("false_materials", date(2025, 1, 1), "不是代码"),
])  # fmt: skip
def test_a_ban_does_not_reach_further_than_its_rule_its_days_and_its_code(rule, starts, given) -> None:
    round = make_round(edition_text=other_city())
    make_ban(round, valid_uscc(777), rule=rule, starts_on=starts)
    assert check_ban(owned_by(round, given), clock.now()).result == "clear"


def test_u20_no_subsidiary_is_held_where_the_text_says_nothing_of_it() -> None:
    round, organization = make_round(), make_organization()
    make_ban(round, valid_uscc(777))
    assert ban(round, organization, at=clock.now(), parent_code=valid_uscc(777)) is None


def losses(round: Round, *figures: str):
    application = Application(round=round, organization=make_organization())
    section = next(one for one in application.rulebook.form.sections if one.kind == "indicators")
    data = {f"profit__{2023 + place}": figure for place, figure in enumerate(figures)}
    return check_losses(Filled(application, {section.key: data}, {}), clock.now())


@pytest.mark.parametrize(("figures", "result", "told"), [
    (("1", "0", "3.5"), "clear", "均不为负"),
    (("1", "-0.01", "3"), "stop", "2024年-0.01万元"),
    (("1", "−2", "3"), "stop", "2024年-2万元"),
    (("1", "", "3"), "doubt", "2024年的“利润总额”没有可以核对的数字"),
    (("1", "约三百", "NaN"), "doubt", "2024年、2025年"),
    (("", "-5", ""), "stop", "2024年-5万元"),
])  # fmt: skip
def test_z14_5_a_loss_in_the_three_years_is_found_and_a_missing_figure_is_no_clearance(figures, result, told) -> None:
    found = losses(make_round(edition_text=other_city()), *figures)
    assert (found.result, told in found.text) == (result, True)
    assert "第九条第（三）项" in found.cite


def test_z14_5_a_loss_is_for_a_person_to_judge_where_the_condition_is_not_prohibitive() -> None:
    data = yaml.safe_load(other_city())
    data["eligibility"]["conditions"][-1]["prohibitive"] = {"value": False, "assumed": "样例"}
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    assert losses(make_round(edition_text=text), "1", "-1", "1").result == "doubt"


def test_z14_5_a_year_the_form_does_not_ask_for_is_told_as_unknown() -> None:
    data = yaml.safe_load(other_city())
    data["eligibility"]["conditions"][-1]["window_years"] = {"value": 4, "cite": "9.3"}
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    found = losses(make_round(edition_text=text), "1", "1", "1")
    assert found.result == "doubt"
    assert "2022年" in found.text
