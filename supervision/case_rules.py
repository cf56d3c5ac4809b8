"""What the rulebook says of a case: its consequences, its window, its days; read here and nowhere else (S4, S5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from applications.desk_rules import DeskRefused
from award_portal.lib import clock
from awards.calendars import current_calendar
from awards.models import Award, Round, Scheme
from awards.parameters import rulebook_for
from awards.rulebook import Rulebook
from awards.rulebook.parts import BanRule
from awards.rulebook.values import Ruled
from awards.schemes import latest_edition, rulebook_of
from awards.workdays import CalendarMissing, date_zh
from awards.years import add_years

Kind = str
# in working days, where the rulebook names none: the days of a desk, not of a regulation
CASE_DAYS = {
    "triage": (5, "规则未写是否立案的决定期限，办公室设定"),
    "inquiry": (30, "规则未写调查期限，办公室设定"),
    "answer": (5, "规则未写答复询问的期限，办公室设定"),
    "statement": (5, "规则未写陈述申辩的期限，办公室设定"),
    "submission": (10, "规则未写报请决定的期限，办公室设定"),
    "decision": (30, "规则未写作出决定的期限，办公室设定"),
    "execution": (20, "规则未写执行决定的期限，办公室设定"),
    "recovery": (10, "规则未写交回证书奖牌的期限，办公室设定"),
    "advice": (10, "规则未写答复监督建议的期限，办公室设定"),
}
# the kinds that count from a day, within the years the regulation names
WITHIN_THE_WINDOW = ("incident", "bad_credit", "misuse")


@dataclass(frozen=True)
class Consequence:
    """What a kind of case leads to under one rule: `ban` is the rule itself, none where only the window speaks."""

    key: str
    text: str
    ground: str
    revokes: bool
    recovers: bool
    claws_back: bool
    publishes: bool
    ban: BanRule | None = None

    @property
    def years(self) -> int | None:
        return self.ban.years.value if self.ban else None


def book_of(*, award: Award | None, round: Round | None, scheme: Scheme) -> Rulebook:
    """The rules of the round it was won or applied in; an imported award stands under the scheme's present ones."""
    own = award.round if award is not None else round
    if own is not None:
        return rulebook_for(own)
    edition = latest_edition(scheme.key)
    if edition is None:
        raise DeskRefused.because(f"{scheme.name}尚未载入规则文件，不能办理。")
    return rulebook_of(edition)


def consequences(book: Rulebook, kind: Kind, *, award: Award | None) -> list[Consequence]:
    """The rules that may end a case of this kind; who holds no award can only be barred from applying."""
    rules = [one for one in book.supervision.bans if kind in one.kinds]
    found = [
        Consequence(
            one.key, one.ground, book.ground(one), one.revokes, one.recovers, one.claws_back, one.publishes, one
        )
        for one in rules
        if (award is not None or not one.revokes) and (one.revokes or one.years.value)
    ]
    if award is not None and kind in ("incident", "bad_credit") and not any(one.revokes for one in found):
        said = book.supervision.incident_ground
        found.append(Consequence("incident_ground", said.value, book.ground(said), True, False, False, True))
    return found


def consequence(book: Rulebook, kind: Kind, key: str, *, award: Award | None) -> Consequence:
    found = next((one for one in consequences(book, kind, award=award) if one.key == key), None)
    if found is None:
        raise DeskRefused.because("请选择适用的规则。其他已填内容已保留。")
    return found


def honour_uses(book: Rulebook) -> list[tuple[str, str, str]]:
    """How the honour was used wrongly: (key, 属于“…” or 不符合“…”的要求, ground)."""
    words = [
        (one.key, f"属于“{one.text}”" if one.forbidden else f"不符合“{one.text}”的要求", one)
        for one in book.supervision.honour_use
    ]
    return [(key, text, book.ground(one)) for key, text, one in words]


def window_of(book: Rulebook, award: Award) -> tuple[date, date, str]:
    """The days an incident counts in, the end exclusive, and the article (U21, B23, Y21)."""
    rule = book.supervision.incident_window_years
    return award.awarded_on, add_years(award.awarded_on, rule.value), book.ground(rule)


def require_within(book: Rulebook, award: Award | None, kind: Kind, happened_on: date | None, *, at: datetime) -> None:
    """Refuse what happened before the award or after the window, with the article; nothing is kept."""
    if award is None or kind not in WITHIN_THE_WINDOW:
        return
    first, end, ground = window_of(book, award)
    today = clock.day_of(at)
    if happened_on is None:
        if kind == "incident":
            raise DeskRefused.because("请填写发生日期。其他已填内容已保留。", ground, field="happened_on")
        happened_on = today
    if happened_on > today:
        raise DeskRefused.because("发生日期不能晚于今天。其他已填内容已保留。", field="happened_on")
    if not first <= happened_on < end:
        last = end - timedelta(days=1)
        raise DeskRefused.because(
            f"规定的期限为获奖之日起{book.supervision.incident_window_years.value}年内"
            f"（{date_zh(first)}至{date_zh(last)}），所填日期{date_zh(happened_on)}不在其内，不能按本程序立案；"
            "有关情况可以向主管部门反映。",
            ground,
            field="happened_on",
        )


def case_days(book: Rulebook, key: str) -> Ruled:
    """How many working days a part of a case has: the rulebook's, or the office's default that says so."""
    clocks = book.supervision.case_clocks
    said = getattr(clocks, key) if clocks is not None else None
    if said is not None:
        return said
    value, why = CASE_DAYS[key]
    return Ruled[int](value=value, assumed=why)


def case_due(book: Rulebook, key: str, *, start: date) -> datetime:
    """The end of a part of a case; refuses where the year's calendar is not published (E1)."""
    try:
        return current_calendar().due_at(start, case_days(book, key).value)
    except CalendarMissing as missing:
        raise DeskRefused.because(str(missing)) from missing


def case_task(book: Rulebook, state: str, *, is_heard: bool, body: str) -> tuple[str, str]:
    """Who has to do what by the day the case shows, and the ground of that day; empty where nothing is waited for."""
    office = book.role("office")
    who = {
        "reported": (f"{office}决定是否立案", "triage"),
        "inquiry": (f"{office}查清事实，作出认定", "inquiry"),
        "rectifying": ("当事人改正并书面报告", ""),
        "intended": (f"{office}听取陈述申辩后提出处理意见", "submission"),
        "submitted": (f"{body}作出决定，由{office}登记", "decision"),
        "decided": (f"{office}执行决定", "execution"),
    }
    text, key = who.get(state, ("", ""))
    if state == "intended" and not is_heard:
        text = f"陈述申辩期满后，{office}提出处理意见"
    return text, book.ground(case_days(book, key)) if key else ""


def revocation_word(book: Rulebook) -> str:
    """取消奖励, 撤销称号: the regulation's own word for taking an award away."""
    return book.instrument("revocation").removesuffix("决定") if book.has_instrument("revocation") else "取消奖励"
