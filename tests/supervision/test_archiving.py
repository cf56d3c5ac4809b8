"""A round's archive: whole, checkable, without what must not be in it, and only for those who may have it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from award_portal.lib import clock
from organizations.models import AuditRecord
from organizations.outbox import deliver_due
from organizations.verifying import check_links, read_file
from supervision.archive_zip import write_archive
from supervision.archiving import ArchiveRefused, default_retention, order_archive
from supervision.models import ArchiveDownload, RoundArchive
from tests.applications.desk_builders import freeze
from tests.factories import make_unit, make_user
from tests.objections.builders import ADDRESS, NAME, PHONE, make_case


@pytest.fixture
def case(db, frozen, calendars):
    """A name in publicity with a dossier of which parts are marked, and an objection by a person."""
    case = make_case()
    freeze(case.application)
    case.object_to()
    return case


def written(round) -> bytes:
    buffer = io.BytesIO()
    write_archive(round, buffer, retention=default_retention())
    return buffer.getvalue()


def test_every_file_is_in_the_sums_and_the_evidence_verifies(case, tmp_path):
    (tmp_path / "archive.zip").write_bytes(written(case.round))
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        archive.extractall(tmp_path / "out")
    sums = dict(
        reversed(line.split("  ", 1)) for line in (tmp_path / "out/SHA256SUMS").read_text("utf-8").splitlines()
    )  # fmt: skip
    assert set(sums) == names - {"SHA256SUMS"}
    for name, sha256 in sums.items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == sha256
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    export = tmp_path / "out/08留痕/留痕.jsonl"
    verdict = check_links(read_file(str(export)))
    assert verdict.verified
    assert verdict.records == AuditRecord.objects.filter(chain=case.round.chain).count() > 0
    call_command("verify_audit", export=str(export))
    index = json.loads((tmp_path / "out/00目录/index.json").read_text("utf-8"))
    assert index["state"] == "未结束"
    assert {one["path"] for one in index["entries"] if one["sha256"]} <= set(sums)
    assert {one["term"] for one in index["entries"]} == {"永久", "30年", "10年"}
    assert (tmp_path / "out/01规则/规则版本.yaml").read_text("utf-8") == case.round.edition.text


def test_the_same_content_gives_the_same_bytes_whenever_it_is_written(case, frozen):
    before = written(case.round)
    order_archive(case.round, retention={}, by=case.officer, at=clock.now())
    frozen.travel_to(clock.now() + timedelta(days=3))
    assert deliver_due(clock.now()) >= 1
    assert RoundArchive.objects.get().sha256 == hashlib.sha256(before).hexdigest()
    assert written(case.round) == before


def test_u14_nothing_in_it_leads_to_the_objector(case):
    with zipfile.ZipFile(io.BytesIO(written(case.round))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
        register = json.loads(archive.read("07异议/异议登记.json"))
    assert len(register) == 1
    for secret in (NAME, PHONE, ADDRESS):
        assert secret.encode() not in whole
    assert "identity" not in register[0]
    assert "text" not in register[0]


def test_marked_parts_lie_in_a_folder_of_their_own_with_a_notice(case):
    with zipfile.ZipFile(io.BytesIO(written(case.round))) as archive:
        names = archive.namelist()
        open_part = "".join(archive.read(one).decode() for one in names if one.startswith("04") and one[-5:] == ".json")
        marked = [one for one in names if one.startswith("90商业秘密/")]
        assert "90商业秘密/须知.txt" in marked
        assert any(one.endswith("申报表.json") and "核心参数" in archive.read(one).decode() for one in marked)
    assert "核心参数" not in open_part
    assert any("audit_reports" in one for one in marked)
    assert not any("audit_reports" in one for one in names if one.startswith("04"))
    assert any("licence" in one for one in names if one.startswith("04"))


def test_a_file_that_cannot_be_read_is_noted_and_the_rest_is_there(case):
    stored = case.application.dossiers.get().content["attachments"][0]["file"]
    from organizations.models import StoredFile

    file = StoredFile.objects.get(public_id=stored)
    Path(file.content.path).unlink()
    buffer = io.BytesIO()
    result = write_archive(case.round, buffer, retention=default_retention())
    assert result.missing >= 1
    with zipfile.ZipFile(buffer) as archive:
        entries = json.loads(archive.read("00目录/index.json"))["entries"]
    noted = [one for one in entries if "licence" in one["path"]]
    assert [one["note"] for one in noted] == ["原文件未能读取，未入包"]


def test_only_the_office_orders_and_one_at_a_time(case):
    with pytest.raises(ArchiveRefused, match="办公室"):
        order_archive(case.round, retention={}, by=case.supervisor, at=clock.now())
    with pytest.raises(ArchiveRefused, match="保管期限"):
        order_archive(case.round, retention={"papers": "y5"}, by=case.officer, at=clock.now())
    order_archive(case.round, retention={"papers": "y10"}, by=case.officer, at=clock.now())
    with pytest.raises(ArchiveRefused, match="正在生成"):
        order_archive(case.round, retention={}, by=case.officer, at=clock.now())
    assert RoundArchive.objects.get().retention["papers"] == "y10"


def test_the_office_and_the_supervisor_take_it_and_each_download_is_on_record(case, client):
    client.force_login(case.officer)
    page = reverse("supervision:archives", args=[case.round.public_id])
    answer = client.post(page, {"form_key": str(uuid.uuid4()), **default_retention()})
    assert answer["Location"] == page
    assert "正在生成" in client.get(page).content.decode()
    deliver_due(clock.now())
    made = RoundArchive.objects.get()
    assert not made.is_final
    url = reverse("supervision:archive", args=[made.public_id])
    assert url in client.get(page).content.decode()
    data = b"".join(client.get(url).streaming_content)
    assert hashlib.sha256(data).hexdigest() == made.sha256
    client.force_login(case.supervisor)
    b"".join(client.get(url).streaming_content)
    taken = ArchiveDownload.objects.order_by("pk").values_list("user", flat=True)
    assert list(taken) == [case.officer.pk, case.supervisor.pk]
    assert AuditRecord.objects.filter(verb="archive.download").count() == 2
    for stranger in (case.clerk, case.applicant, make_user(make_unit("leading_body"))):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
        assert client.get(page).status_code == 404
        assert client.get(reverse("supervision:archive_rounds")).status_code == 403
    assert ArchiveDownload.objects.count() == 2


def test_the_command_writes_the_same_archive_and_overwrites_nothing(case, tmp_path, capsys):
    target = tmp_path / "round.zip"
    name = f"{case.round.scheme.key}:{case.round.ordinal}"
    call_command("archive_round", name, to=target)
    assert target.read_bytes() == written(case.round)
    assert hashlib.sha256(target.read_bytes()).hexdigest() in capsys.readouterr().out
    with pytest.raises(CommandError, match="已经存在"):
        call_command("archive_round", str(case.round.public_id), to=target)
    with pytest.raises(CommandError, match="没有届次"):
        call_command("archive_round", "nowhere:x", to=tmp_path / "none.zip")
