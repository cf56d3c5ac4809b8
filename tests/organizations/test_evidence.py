"""The record of who did what: nobody rewrites it, and whoever gets round that is found and named (E3)."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from award_portal.lib import clock
from organizations import evidence
from organizations.auditing import exported_links, published_digests, verify_database, write_lines
from organizations.digests import publish_heads
from organizations.models import AuditDigest, AuditHead, AuditRecord
from organizations.triggers import APPEND_ONLY, drop_triggers, install_triggers, missing_triggers
from organizations.verifying import check_links

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CHAIN = "round:sample"


@pytest.fixture
def chain(frozen: clock.Frozen) -> str:
    """Five links, their head published."""
    record(5)
    publish_heads(clock.now())
    return CHAIN


def record(count: int, *, chain: str = CHAIN, data: dict | None = None) -> None:
    with transaction.atomic():
        for _ in range(count):
            evidence.record("sample.step", chain=chain, by=None, subject="sample:1", at=clock.now(), data=data)


def sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(statement: str, *parameters: object) -> bool:
    try:
        with transaction.atomic():
            sql(statement, *parameters)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


# -- append-only -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_every_append_only_table_is_guarded(table: str):
    assert missing_triggers() == []
    with connection.cursor() as cursor:
        assert table in connection.introspection.table_names(cursor)


def test_a_link_cannot_be_changed_or_deleted(chain: str):
    assert refused("UPDATE organizations_auditrecord SET verb = 'forged' WHERE seq = 2")
    assert refused("DELETE FROM organizations_auditrecord WHERE seq = 2")
    assert refused("UPDATE organizations_auditdigest SET hash = 'forged'")
    assert refused("DELETE FROM organizations_auditdigest")
    assert verify_database().verified


@pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="PostgreSQL's TRUNCATE")
def test_the_record_cannot_be_truncated(chain: str):
    assert refused("TRUNCATE organizations_auditrecord")


@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite's INSERT OR REPLACE"
)
@pytest.mark.parametrize("key", ["id", "chain and seq"])
def test_insert_or_replace_forges_no_link_even_without_recursive_triggers(chain: str, key: str):
    sql("PRAGMA recursive_triggers = OFF")
    try:
        columns = "chain, seq, verb, actor, subject, data, at, recorded_at, previous_hash, hash"
        forged = "chain, seq, 'forged', actor, subject, data, at, recorded_at, previous_hash, hash"
        if key == "id":
            columns, forged = f"id, {columns}", f"id, {forged}"
        assert refused(
            f"INSERT OR REPLACE INTO organizations_auditrecord ({columns}) "
            f"SELECT {forged} FROM organizations_auditrecord WHERE seq = 2"
        )
    finally:
        sql("PRAGMA recursive_triggers = ON")


def test_a_missing_trigger_is_told_and_put_back(chain: str):
    name = "organizations_auditrecord_no_update"
    sql(f"DROP TRIGGER {name}" + (" ON organizations_auditrecord" if connection.vendor == "postgresql" else ""))
    assert missing_triggers() == ["organizations_auditrecord"]
    assert any("organizations_auditrecord" in line for line in verify_database().faults)
    install_triggers()
    assert verify_database().verified
    assert refused("UPDATE organizations_auditrecord SET verb = 'forged'")


# -- what a forger who takes the triggers off leaves behind ------------------------------------------------------------


def faults_after(*statements: str) -> list[str]:
    drop_triggers()
    for statement in statements:
        sql(statement)
    install_triggers()
    return verify_database().faults


def test_an_edited_link_is_named(chain: str):
    faults = faults_after("UPDATE organizations_auditrecord SET subject = 'sample:2' WHERE seq = 3")
    assert faults == [f"{CHAIN} 第3条：内容与摘要不符，已被改动。"]


def test_a_link_edited_with_its_digest_breaks_the_next(chain: str):
    drop_triggers()
    link = AuditRecord.objects.get(chain=CHAIN, seq=3)
    link.subject = "sample:2"
    sql(
        "UPDATE organizations_auditrecord SET subject = %s, hash = %s WHERE seq = 3",
        link.subject,
        evidence.digest(link),
    )
    install_triggers()
    assert verify_database().faults == [f"{CHAIN} 第4条：与前一条不衔接。"]


def test_a_chain_forged_whole_differs_from_the_published_digest(chain: str):
    links = list(AuditRecord.objects.filter(chain=CHAIN))
    links[2].subject = "sample:2"
    previous = evidence.GENESIS
    for link in links:
        link.previous_hash = previous
        previous = link.hash = evidence.digest(link)
    rows = [evidence.as_exported(link) | {"hash": link.hash} for link in links]
    assert check_links(rows).verified
    verdict = check_links(rows, digests=published_digests())
    assert verdict.faults == [f"{CHAIN} 第5条：2026-03-02公布过摘要，与记录不符。"]


def test_a_deleted_link_is_named(chain: str):
    faults = faults_after("DELETE FROM organizations_auditrecord WHERE seq = 3")
    assert faults == [f"{CHAIN} 第4条：之前缺少第3条。", f"{CHAIN} 第4条：与前一条不衔接。"]


def test_links_deleted_from_the_end_are_missed_by_the_digest_and_the_head(chain: str):
    faults = faults_after("DELETE FROM organizations_auditrecord WHERE seq > 3")
    assert faults == [
        f"{CHAIN} 第5条：2026-03-02公布过摘要，记录中没有这一条。",
        f"{CHAIN} 第5条：应为末条，记录止于第3条。",
    ]


def test_reordered_links_are_named(chain: str):
    swap = "UPDATE organizations_auditrecord SET seq = {} WHERE chain = '" + CHAIN + "' AND seq = {}"
    faults = faults_after(swap.format(99, 2), swap.format(2, 4), swap.format(4, 99))
    assert f"{CHAIN} 第4条：内容与摘要不符，已被改动。" in faults
    assert f"{CHAIN} 第2条：内容与摘要不符，已被改动。" in faults
    assert f"{CHAIN} 第2条：次序颠倒或者重复。" in faults


def test_an_inserted_link_is_named(chain: str):
    columns = "chain, seq, verb, actor, subject, data, at, recorded_at, previous_hash, hash"
    forged = f"chain, 6, 'forged', actor, subject, data, at, recorded_at, hash, '{'f' * 64}'"
    source = f"SELECT {forged} FROM organizations_auditrecord WHERE seq = 5"
    sql(f"INSERT INTO organizations_auditrecord ({columns}) {source}")
    assert verify_database().faults == [
        f"{CHAIN} 第6条：内容与摘要不符，已被改动。",
        f"{CHAIN} 第5条：应为末条，记录止于第6条。",
    ]


def test_loss_after_the_last_published_digest_cannot_be_shown_and_the_check_says_so(chain: str):
    record(2)
    rows = list(exported_links())
    told = check_links(rows[:-1], digests=published_digests())
    assert told.verified
    assert any("无法发现" in line for line in told.notes)
    assert f"{CHAIN}：末尾1条尚未公布摘要，没有外部凭据。" in told.notes


def test_what_is_recorded_reads_back_the_same_on_every_database(frozen: clock.Frozen):
    odd = {"big": 10**30, "float": 1e22, "minus": -0.0, "文": "𠮷\u2028", "nested": ({"a": None}, [1.5, True])}
    record(1, data=odd)
    assert verify_database().verified
    assert AuditRecord.objects.get(chain=CHAIN).data["nested"] == [{"a": None}, ["1.5", True]]


def test_evidence_is_written_with_what_it_is_evidence_of(transactional_db: None):
    with pytest.raises(AssertionError):
        evidence.record("sample.step", by=None, subject="sample:1", at=clock.now())
    assert not AuditHead.objects.exists()


# -- the check of an outsider ------------------------------------------------------------------------------------------


@pytest.fixture
def export(chain: str, tmp_path: Path) -> tuple[Path, Path]:
    record(3, chain="portal")
    record_file, digests = tmp_path / "audit.jsonl", tmp_path / "digests.jsonl"
    call_command("export_audit", record_file, "--digests", digests, stdout=StringIO())
    return record_file, digests


def verify(*arguments: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *(str(one) for one in arguments), stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_an_export_is_checked_without_the_database(export, django_assert_num_queries):
    with django_assert_num_queries(0):
        code, out = verify("--export", export[0], "--digests", export[1])
    assert code == 0
    assert "✓ 相符：共8条记录。" in out


def test_the_database_is_checked_without_arguments(export):
    code, out = verify()
    assert code == 0
    assert "✓ 相符：共8条记录。" in out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: [*rows[:3], rows[3] | {"actor": "somebody"}, *rows[4:]], "内容与摘要不符"),
        (lambda rows: rows[:3] + rows[4:], "缺少"),
        (lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]], "次序颠倒"),
        (lambda rows: [row for row in rows if row["chain"] != CHAIN], "记录中没有这一条"),
    ],
    ids=["edited", "deleted", "reordered", "chain lost"],
)
def test_a_changed_export_is_found_with_exit_1(export, change, told: str):
    rows = [json.loads(line) for line in export[0].read_text("utf-8").splitlines()]
    rows.sort(key=lambda row: row["chain"] == CHAIN)
    write_lines(export[0], change(rows))
    code, out = verify("--export", export[0], "--digests", export[1])
    assert code == 1
    assert told in out


@pytest.mark.parametrize("content", ["not json\n", "[1, 2]\n", "\xff"])
def test_a_file_that_is_no_export_is_told_without_a_traceback(tmp_path: Path, content: str):
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CommandError, match=r"odd\.jsonl"):
        call_command("verify_audit", "--export", str(path))


def test_the_checker_runs_alone_on_an_export(export):
    alone = Path(settings.BASE_DIR) / "organizations" / "verifying.py"
    command = [sys.executable, "-I", str(alone), *(str(one) for one in export)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={"PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stderr
    assert "✓ 相符：共8条记录。" in done.stdout


# -- daily digests -----------------------------------------------------------------------------------------------------


def test_a_head_is_published_once_a_day_and_only_when_its_chain_grew(chain: str, frozen: clock.Frozen):
    assert AuditDigest.objects.get().seq == 5
    record(1)
    assert publish_heads(clock.now()) == 0
    frozen.travel_to(clock.at(clock.today().replace(day=3), 0, 1))
    assert publish_heads(clock.now()) == 1
    assert publish_heads(clock.now()) == 0
    frozen.travel_to(clock.at(clock.today().replace(day=4), 0, 1))
    assert publish_heads(clock.now()) == 0
    assert list(AuditDigest.objects.order_by("day").values_list("seq", flat=True)) == [5, 6]


def test_publishing_takes_as_many_queries_to_find_one_chain_as_thirty(frozen, django_assert_num_queries):
    for number in range(30):
        record(1, chain=f"round:{number}")
    publish_heads(clock.now())
    with django_assert_num_queries(1):
        publish_heads(clock.now())
