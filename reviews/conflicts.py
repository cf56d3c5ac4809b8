"""Who may not judge whom, and why: the typed graph of ties held against applicants (U23, Z18, B20).

What is certain bars; what is only alike (a name in another legal form, a person of the same name) is a question for the
office. Every reason says the fact it rests on: the body, the dates, who declared it; never a relative's name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from applications.desk_rules import DeskRefused
from applications.models import Application
from award_portal.lib import clock
from awards.names import plain_name
from awards.rulebook import Rulebook
from awards.workdays import date_zh
from organizations.models import Organization, User

from .facts import Fact, facts_of
from .groups import Groups, Way, body_keys
from .likeness import Alike
from .models import ConflictKind, Expert, GroupLink, LikenessDecision, TieSource
from .targets import Target, link_what_is_known, target_of, targets_of


@dataclass(frozen=True)
class Conflict:
    """One reason why a person may not judge an applicant; as text it is the reason itself."""

    kind: str
    reason: str
    source: str
    ground: str

    def __str__(self) -> str:
        return self.reason

    @property
    def label(self) -> str:
        return str(ConflictKind(self.kind).label)

    @property
    def told_to_expert(self) -> str:
        """The reason without what the other side said: who named the expert is not told to the expert."""
        return f"存在{self.label}情形" if self.source == TieSource.APPLICANT.label else self.reason


@dataclass(frozen=True)
class Question:
    """A likeness somebody must look at: the same body (person), or not; `likeness` is what the finding is kept by."""

    kind: str
    reason: str
    source: str
    likeness: str

    def __str__(self) -> str:
        return self.reason


Pairs = dict[tuple[int, int], list[Conflict]]


@dataclass
class Findings:
    """(person or expert, target) → its conflicts, and its open questions."""

    conflicts: Pairs = field(default_factory=dict)
    questions: dict[tuple[int, int], list[Question]] = field(default_factory=dict)


def conflicts_of(expert: Expert, application: Application) -> list[Conflict]:
    """Every reason why the expert may not judge the application; none means free of conflict."""
    return conflicts_between([expert], [application]).get((expert.pk, application.pk), [])


def refuse_tied(expert: Expert, application: Application) -> None:
    """Nobody is given, opens or scores what he is tied to, whenever that came to light (U23)."""
    if found := conflicts_of(expert, application):
        text = "；".join(one.told_to_expert for one in found)
        raise DeskRefused.because(
            f"{expert}与{application.organization}有利害关系，应当回避：{text}。已保存的内容均已保留，不再打开。",
            found[0].ground,
        )


def conflicts_between(experts: Collection[Expert], applications: Collection[Application]) -> Pairs:
    """(expert pk, application pk) → the reasons, for every pair that has any; the same few queries for any number."""
    return findings_between(experts, applications).conflicts


def findings_between(experts: Collection[Expert], applications: Collection[Application]) -> Findings:
    """The conflicts of experts with applications, and the likenesses a person must still look at."""
    by_user = {one.user_id: one.pk for one in experts}
    found = findings_of_people([one.user for one in experts], applications)
    return Findings(
        {(by_user[user], key): reasons for (user, key), reasons in found.conflicts.items()},
        {(by_user[user], key): asked for (user, key), asked in found.questions.items()},
    )


def findings_of_people(people: Collection[User], applications: Collection[Application]) -> Findings:
    """The same for any people by their pk: experts, and the members of the leading body."""
    found = Findings()
    schemes: dict[str, list[Application]] = {}
    for one in applications:
        schemes.setdefault(one.round.scheme.key, []).append(one)
    for scheme_key, own in schemes.items() if people else ():
        hold_against(people, targets_of(own), scheme_key=scheme_key, into=found)
    return found


def conflicts_with_organizations(
    expert: Expert, organizations: Collection[Organization], *, book: Rulebook
) -> dict[int, list[Conflict]]:
    """Organisation pk → why the expert has an interest in it: objector and objected-to alike (U14)."""
    targets = [target_of(one, key=one.pk, noun=book.noun_for(one.subject), book=book) for one in organizations]
    found = hold_against([expert.user], targets, scheme_key=expert.scheme_key)
    return {key: reasons for (_, key), reasons in found.conflicts.items()}


def is_free_of(expert: Expert, names: Iterable[tuple[str, str]], *, book: Rulebook) -> bool:
    """Whether the expert has no interest in bodies known only by (name, code); tells no name and no reason (U14)."""
    targets = [Target(place, name, book.noun, book, code=code) for place, (name, code) in enumerate(names)]
    return not hold_against([expert.user], targets, scheme_key=expert.scheme_key).conflicts


def hold_against(
    people: Collection[User], targets: Collection[Target], *, scheme_key: str, into: Findings | None = None
) -> Findings:
    """Every fact of the people against every target; the cost is that of facts and targets, not of their pairs."""
    found = into or Findings()
    board = _Board(targets, Groups(GroupLink.objects.standing().of_scheme(scheme_key)))
    units = {pk for one in targets for pk in one.units}
    decided = {
        (person, organization, likeness): is_same
        for person, organization, likeness, is_same in LikenessDecision.objects.filter(
            scheme_key=scheme_key, person__in=people, organization__in=[one.organization for one in targets]
        ).values_list("person_id", "organization_id", "likeness", "is_same")
    }
    for fact in facts_of(people, scheme_key=scheme_key, units=units):
        for target, how in board.matches(fact):
            if fact.ended_before(target.since(board.today)):
                continue
            verdict = decided.get((fact.person, target.organization or 0, fact.likeness))
            _put(found, fact, target, how, verdict)
    return found


@dataclass(frozen=True)
class _How:
    """How a fact meets a target: itself, its group, its employer, its recommender, or a name nearly the same."""

    way: Way | None = None
    is_colleague: bool = False
    unit: str = ""
    is_alike: bool = False


class _Board:
    """The targets by everything a fact may meet them by."""

    def __init__(self, targets: Collection[Target], groups: Groups) -> None:
        self.today: date = clock.today()
        link_what_is_known(groups, targets)
        self._by_key: dict[str, list[tuple[Target, _How]]] = {}
        self._by_unit: dict[int, list[tuple[Target, _How]]] = {}
        self._targets = dict(enumerate(targets))
        names: list[tuple[str, int]] = []
        for place, one in self._targets.items():
            self._enter(one, groups)
            own = (one.name,) if one.is_person else one.names
            names += [(name, place) for name in own if not one.is_person]
        self._alike = Alike(names)

    def _enter(self, one: Target, groups: Groups) -> None:
        for key in one.keys:
            self._by_key.setdefault(key, []).append((one, _How()))
        if not one.is_person:
            for key, way in groups.ways_from(one.keys).items():
                self._by_key.setdefault(key, []).append((one, _How(way=way)))
        for unit, name in one.units.items():
            self._by_unit.setdefault(unit, []).append((one, _How(unit=name)))
        for name in {*one.units.values(), *one.unit_names}:
            self._by_key.setdefault(f"staff:{plain_name(name)}", []).append((one, _How(unit=name)))
        if one.is_person:
            if one.employer:
                key = f"colleague:{plain_name(one.employer)}"
                self._by_key.setdefault(key, []).append((one, _How(is_colleague=True)))
            # a namesake is no certainty
            self._by_key.setdefault(f"person:{plain_name(one.name)}", []).append((one, _How(is_alike=True)))

    def matches(self, fact: Fact) -> list[tuple[Target, _How]]:
        """What the fact is about, each target once, the surest way of it."""
        found: dict[int, tuple[Target, _How]] = {}
        # sorted is stable: itself before its group, what is certain before what is alike
        for target, how in sorted(self._ways(fact), key=lambda one: (one[1].is_alike, one[1].way is not None)):
            found.setdefault(target.key, (target, how))
        return list(found.values())

    def _ways(self, fact: Fact) -> Iterable[tuple[Target, _How]]:
        if fact.unit is not None:
            yield from self._by_unit.get(fact.unit, ())
            return
        own = (f"org:{fact.organization}",) if fact.organization is not None else ()
        for key in own + body_keys(fact.name, fact.code):
            yield from self._by_key.get(key, ())
        if fact.kind == ConflictKind.EMPLOYMENT:
            yield from self._by_key.get(f"staff:{plain_name(fact.name)}", ())
            yield from self._by_key.get(f"colleague:{plain_name(fact.name)}", ())
        elif fact.organization is None and fact.name:
            yield from self._by_key.get(f"person:{plain_name(fact.name)}", ())
        if fact.name:
            for place in sorted(self._alike.to(fact.name)):
                yield self._targets[place], _How(is_alike=True)


def _put(found: Findings, fact: Fact, target: Target, how: _How, verdict: bool | None) -> None:
    """A conflict, a question, or nothing where a person found that the two are not the same."""
    doubtful = fact.is_doubtful or how.is_alike
    if doubtful and verdict is False:
        return
    pair, kind = (fact.person, target.key), _kind(fact, how)
    reason = _reason(fact, target, how, kind)
    if doubtful and verdict is None:
        asked = Question(kind, _doubt(fact, target, how, reason), fact.source, fact.likeness)
        _keep(found.questions.setdefault(pair, []), asked)
        return
    if doubtful:
        reason += "（经办公室核定为同一）"
    ground = target.book.recusal.ground_for(kind)
    cite = target.book.ground(ground) if ground else target.book.recusal_ground
    _keep(found.conflicts.setdefault(pair, []), Conflict(kind, reason, fact.source, cite))


def _keep(rows: list, one: Conflict | Question) -> None:
    if all(str(other) != str(one) for other in rows):
        rows.append(one)


def _kind(fact: Fact, how: _How) -> str:
    if how.unit:
        return ConflictKind.RECOMMENDER
    return ConflictKind.COLLEAGUE if how.is_colleague else fact.kind


def _reason(fact: Fact, target: Target, how: _How, kind: str) -> str:
    """The reason in words with the fact that made it."""
    noun = target.noun
    past = fact.until_on is not None and fact.until_on <= clock.today()
    if how.unit:
        text = f"{'曾' if past else ''}为推荐单位{how.unit}的工作人员"
        return text + _told(fact.period)
    if kind == ConflictKind.ACTING:
        return f"为{noun}办理申报的经办人"
    if kind == ConflictKind.COLLEAGUE:
        return f"{'曾' if past else ''}与{noun}在同一单位任职" + _told(fact.name, fact.period)
    where = how.way.says(noun) if how.way else noun
    if kind == ConflictKind.EMPLOYMENT and not fact.declared_on:
        return f"{'曾' if past else '现'}任职于{where}" + _told(fact.detail, fact.period)
    declared = f"{fact.source}，{date_zh(fact.declared_on)}" if fact.declared_on else fact.source
    words = _ground_text(fact, target, kind)
    if how.way:
        words = f"{words}：{how.way.says(noun)}"
    return words + _told(fact.detail, fact.period, declared)


def _ground_text(fact: Fact, target: Target, kind: str) -> str:
    """The ground in the rulebook's words: the one that was named, else the one that covers the kind."""
    grounds: Mapping[str, str] = {one.key: one.text for one in target.book.recusal.grounds}
    if fact.ground in grounds:
        return grounds[fact.ground]
    ground = target.book.recusal.ground_for(kind)
    return ground.text if ground else f"与{target.noun}有利害关系：{ConflictKind(kind).label}"


def _doubt(fact: Fact, target: Target, how: _How, reason: str) -> str:
    """What is alike and what would follow if it were the same."""
    if fact.is_doubtful:
        return f"所指人员与专家同名，工作单位不能确认是否一致；如为同一人：{reason}"
    if target.is_person:
        return f"“{fact.name}”与{target.noun}同名；如为同一人：{reason}"
    return f"“{fact.name}”与{target.noun}“{target.name}”名称相近；如为同一单位：{reason}"


def _told(*words: str) -> str:
    said = [one for one in words if one]
    return f"（{'；'.join(said)}）" if said else ""
