"""An attack on the secret ballot: from the closed database and its files, who voted how?

The attacker is strong: he holds every row with its hidden columns (`rowid`, `ctid`, `xmin`), every file of the
database and its write-ahead log, the web server's log (in which order the members voted), and the teller's passphrase.
He does not watch while a ballot is open. Each reading is a guess at every member's choices; `score` compares it with
what was voted. The simulation at the end votes well (`hold_election`) or naively (`hold_naive_election`).
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from random import Random

from django.db import connection, transaction

from award_portal.lib import clock
from reviews.ballots import CHOICES, CODES, cast_paper, close_ballot, open_ballot
from reviews.models import Ballot, BallotCandidate, Meeting, MeetingMember, Paper, Slip, Voter
from reviews.sealing import WrongPassphrase, seal, unseal, unwrap_key

from .meeting_builders import Deliberation

SEAL_BYTES, KEY_BYTES, WRAPPED_BYTES, PAGE = 60, 32, 76, 8192
SHORT_HEADER, LONG_HEADER = 24, 40  # bytes; the first page of a segment has the long one
SLOT = "seizure"
Guess = dict[int, list[str]]  # member pk → choices by name, in the order on the ballot


@dataclass
class Election:
    """One simulated ballot: what the attacker is given, and `votes`, which he is after."""

    ballot_id: int
    passphrase: str
    log: list[int] = field(default_factory=list)
    votes: Guess = field(default_factory=dict)
    sealed: list[bytes] = field(default_factory=list)  # one paper after each vote, taken while the ballot was open


@dataclass
class Loot:
    """The files: the write-ahead log in the order it was written, and the tables' files."""

    log: bytes
    tables: dict[str, bytes]


# -- seizing -----------------------------------------------------------------------------------------------------------


def mark() -> str:
    """The place in the write-ahead log from which on the loot is read; PostgreSQL is made to keep all of it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return ""
        # a checkpoint renames old segments for reuse, and the attacker would read them out of order or not at all
        cursor.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
        )
        cursor.execute("SELECT pg_create_physical_replication_slot(%s, true, true)", [SLOT])
        cursor.execute("SELECT pg_walfile_name(pg_current_wal_lsn())")
        return cursor.fetchone()[0]


def seize(since: str = "") -> Loot:
    """Every byte the closed database keeps."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        files = {one: Path(name + one) for one in ("", "-wal", "-journal")}
        found = {one: path.read_bytes() if path.exists() else b"" for one, path in files.items()}
        return Loot(log=found.pop("-wal"), tables=found)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT name FROM pg_ls_waldir() WHERE name >= %s AND length(name) = 24 ORDER BY name", [since])
        log = [_records(_server_file(cursor, f"pg_wal/{name}")) for (name,) in cursor.fetchall()]
        cursor.execute("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
        (folder,) = cursor.fetchone()
        cursor.execute("SELECT pg_ls_dir(%s)", [folder])
        names = [f"{folder}/{name}" for (name,) in cursor.fetchall()]
        return Loot(log=b"".join(log), tables={name: _server_file(cursor, name) for name in names})


def _records(segment: bytes) -> bytes:
    """PostgreSQL's log without the headers of its pages, which cut a record in two wherever it crosses one."""
    pages = [segment[start : start + PAGE] for start in range(0, len(segment), PAGE)]
    return b"".join(page[LONG_HEADER if page[2] & 2 else SHORT_HEADER :] for page in pages)


def _server_file(cursor, name: str) -> bytes:
    cursor.execute("SELECT pg_read_binary_file(%s, 0, 1000000000, true)", [name])
    return bytes(cursor.fetchone()[0] or b"")


# -- reading what is left of papers and keys ---------------------------------------------------------------------------


def remnants(loot: Loot, elections: list[Election]) -> Iterator[tuple[Election, dict[str, Guess]]]:
    """With the passphrases: find each key, open every sealed paper still lying about, pair them with the web log."""
    length = SEAL_BYTES + BallotCandidate.objects.filter(ballot=elections[0].ballot_id).count()
    in_log = _sealed_in(loot.log, length)
    in_tables = [one for blob in loot.tables.values() for one in _heap_order(blob, length)]
    blobs = [loot.log, *loot.tables.values()]
    for election in elections:
        ballot = Ballot.objects.get(pk=election.ballot_id)
        key = _find_key(blobs, bytes(ballot.public_key), election.passphrase)
        papers = {
            "remnants in the log": _opened(key, [sealed for number, sealed in in_log if number == ballot.pk]),
            "remnants in the tables": _opened(key, [sealed for number, sealed in in_tables if number == ballot.pk]),
        }
        yield election, {name: dict(zip(election.log, found, strict=False)) for name, found in papers.items() if found}


def _find_key(blobs: list[bytes], public: bytes, passphrase: str):
    """The wrapped key stands right behind the public one; the passphrase says whether it is one."""
    tried: set[bytes] = set()
    behind = b"" if connection.vendor == "sqlite" else bytes([2 * (WRAPPED_BYTES + 1) + 1])
    for blob in blobs:
        for hit in re.finditer(re.escape(public + behind), blob):
            wrapped = blob[hit.end() : hit.end() + WRAPPED_BYTES]
            # a SQLite record says its blobs' lengths up front: 32 bytes, then 76
            is_key = connection.vendor != "sqlite" or b"\x4c\x81\x24" in blob[hit.start() - 300 : hit.start()]
            if not is_key or wrapped in tried:
                continue
            tried.add(wrapped)
            try:
                return unwrap_key(wrapped, passphrase)
            except WrongPassphrase:
                continue
    return None


def _sealed_in(blob: bytes, length: int) -> list[tuple[int, bytes]]:
    """(ballot, what may be a sealed paper of it) in the order they lie there.

    A row, as each engine writes it, is a random uuid, the sealed bytes, and the ballot's number.
    """
    sealed = b"(.{%d})" % length
    if connection.vendor == "sqlite":
        row = rb"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}(?=" + sealed + rb"(..))"
        found = re.findall(row, blob, re.DOTALL)
        # a small number takes one byte or two, and 1 none at all
        return [(number, one) for one, last in found for number in (1, last[0], int.from_bytes(last, "big"))]
    padding = -(16 + 1 + length) % 8
    header = re.escape(bytes([2 * (length + 1) + 1]))
    row = rb"[\x40-\x4f](?=.[\x80-\xbf].{7}" + header + sealed + b".{%d}(.{8}))" % padding
    return [(struct.unpack("<q", number)[0], one) for one, number in re.findall(row, blob, re.DOTALL)]


def _heap_order(blob: bytes, length: int) -> Iterable[tuple[int, bytes]]:
    """Page by page; PostgreSQL fills a page from its end, so there the last is the oldest."""
    for start in range(0, len(blob), PAGE):
        found = _sealed_in(blob[start : start + PAGE], length)
        yield from found if connection.vendor == "sqlite" else reversed(found)


def _opened(key, candidates: Iterable[bytes]) -> list[list[str]]:
    """The papers that open, each once, in order of their first appearance."""
    papers: dict[bytes, list[str]] = {}
    if key is None:
        return []
    for sealed in dict.fromkeys(candidates):
        try:
            paper = unseal(key, sealed)
        except Exception:  # whatever it was, it was no paper
            continue
        papers[sealed] = [CHOICES[paper[place : place + 1]] for place in range(len(paper))]
    return list(papers.values())


# -- joining the rows that are there -----------------------------------------------------------------------------------


def joins(election: Election) -> dict[str, Guess]:
    """Pair the ledger's rows with each name's slips by every order that a row has."""
    names = list(Ballot.objects.get(pk=election.ballot_id).candidates.order_by("position").values_list("pk", flat=True))
    ledgers = {"web log": election.log} | _orders(Voter, "member_id", "ballot_id", election.ballot_id)
    slips = [_orders(Slip, "choice", "candidate_id", name) for name in names]
    found = {}
    for by, members in ledgers.items():
        for order in slips[0]:
            columns = [one[order] for one in slips]
            found[f"ledger by {by}, slips by {order}"] = {
                member: [column[place] for column in columns] for place, member in enumerate(members)
            }
    return found


def _orders(model, column: str, parent: str, pk: int) -> dict[str, list]:
    """The column's values in every order the rows can be put in."""
    orders = {"id": "id"}
    orders |= (
        {"rowid": "rowid"} if connection.vendor == "sqlite" else {"ctid": "ctid", "xmin": "xmin::text::bigint, ctid"}
    )
    table = connection.ops.quote_name(model._meta.db_table)
    found = {}
    with connection.cursor() as cursor:
        for name, order in orders.items():
            cursor.execute(f"SELECT {column} FROM {table} WHERE {parent} = %s ORDER BY {order}", [pk])
            found[name] = [value for (value,) in cursor.fetchall()]
    return found


# -- scoring -----------------------------------------------------------------------------------------------------------


@dataclass
class Score:
    """One reading over many ballots, against pairing at random members with the votes that were cast."""

    hits: int = 0
    choices: int = 0
    expected: float = 0.0
    variance: float = 0.0
    members: int = 0
    linked: int = 0  # members whose whole paper was guessed

    @property
    def deviations(self) -> float:
        """How many standard deviations better than chance."""
        return (self.hits - self.expected) / sqrt(self.variance)

    def __str__(self) -> str:
        return (
            f"{self.hits} of {self.choices} choices (chance {self.expected:.0f} ± {sqrt(self.variance):.0f}, "
            f"{self.deviations:+.1f} s.d.), whole papers {self.linked} of {self.members}"
        )


def attack(elections: list[Election], loot: Loot) -> dict[str, Score]:
    """Every reading's score over all elections."""
    scores: dict[str, Score] = {}
    for election, opened in remnants(loot, elections):
        for name, guess in (joins(election) | opened).items():
            _add(scores.setdefault(name, Score()), election, guess)
    return scores


def _add(score: Score, election: Election, guess: Guess) -> None:
    size = len(election.votes)
    score.members += size
    for member, choices in election.votes.items():
        hits = [one == other for one, other in zip(guess.get(member, []), choices, strict=False)]
        score.hits += sum(hits)
        score.linked += len(hits) == len(choices) and all(hits)
    for column in zip(*election.votes.values(), strict=True):
        counts = list(Counter(column).values())
        score.choices += size
        # the trace of a table with both margins `counts`, cells as in a random pairing
        score.expected += sum(one * one for one in counts) / size
        pairs = sum(one * one * other * other for one in counts for other in counts)
        own = sum(one**2 * (size - one) ** 2 - one**4 for one in counts)
        score.variance += (own + pairs) / (size**2 * (size - 1))


# -- voting ------------------------------------------------------------------------------------------------------------


def hold_election(
    deliberation: Deliberation,
    random: Random,
    *,
    papers: list[list[str]] | None = None,
    close: Callable[..., object] = close_ballot,
) -> Election:
    """A ballot of everybody, with random choices or those given member by member, through the room's own functions."""
    election, ballot = _open(deliberation)
    for member, choices, paper in _votes(ballot, random, election, papers):
        cast_paper(ballot, by=member.user, choices=choices)
        election.sealed.append(bytes(ballot.papers.values_list("sealed", flat=True)[0]))
        election.votes[member.pk] = paper
    close(ballot, passphrase=election.passphrase, by=deliberation.officer, at=clock.now())
    return election


def hold_naive_election(deliberation: Deliberation, random: Random) -> Election:
    """The same, as it is done without thinking: paper beside tick, slips paper by paper, papers deleted."""
    election, ballot = _open(deliberation)
    for member, _, paper in _votes(ballot, random, election):
        with transaction.atomic():
            Paper.objects.create(
                ballot=ballot, sealed=seal(bytes(ballot.public_key), b"".join(CODES[one] for one in paper))
            )
            ballot.voters.filter(member=member).update(has_voted=True)
        election.votes[member.pk] = paper
    with transaction.atomic():
        names = list(ballot.candidates.order_by("position"))
        for member in election.log:
            for name, choice in zip(names, election.votes[member], strict=True):
                Slip.objects.create(candidate=name, choice=choice)
        ballot.papers.all().delete()
        Ballot.objects.filter(pk=ballot.pk).update(state=Ballot.State.CLOSED, wrapped_key=b"", scrubbed_at=clock.now())
    return election


def _open(deliberation: Deliberation) -> tuple[Election, Ballot]:
    """A meeting of its own with everybody in the room, and its first ballot."""
    meeting = Meeting.objects.create(
        round=deliberation.round, title="样例会议", held_on=clock.today(), place="样例", state=Meeting.State.OPEN,
        convened_at=clock.now(), opened_at=clock.now(), teller="甲（虚构）", counter="乙（虚构）",
    )  # fmt: skip
    MeetingMember.objects.bulk_create(
        MeetingMember(meeting=meeting, user=user, is_present=True) for user in deliberation.members
    )
    ballot, passphrase = open_ballot(meeting, tier="main", by=deliberation.officer, at=clock.now())
    return Election(ballot.pk, passphrase), ballot


def _votes(
    ballot: Ballot, random: Random, election: Election, papers: list[list[str]] | None = None
) -> Iterator[tuple[MeetingMember, dict[int, str], list[str]]]:
    """Each member in a random order, noted in the web log, with his choices."""
    members = list(ballot.meeting.members.select_related("user"))
    names = list(ballot.candidates.order_by("position").values_list("application_id", flat=True))
    papers = papers or [random_paper(random, len(names), seats=ballot.seats) for _ in members]
    for place in random.sample(range(len(members)), len(members)):
        election.log.append(members[place].pk)
        yield members[place], dict(zip(names, papers[place], strict=True)), papers[place]


def random_paper(random: Random, names: int, *, seats: int) -> list[str]:
    """Random choices within the seats."""
    chosen = set(random.sample(range(names), random.randint(0, seats)))
    return ["for" if place in chosen else random.choice(["against", "abstain"]) for place in range(names)]
