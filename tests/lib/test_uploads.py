"""What may be uploaded, and the hostile files that may not."""

from __future__ import annotations

import io
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest
from pypdf import PdfReader

from award_portal.lib.pdf import render_pdf
from award_portal.lib.uploads import UploadRefused, inspect
from tests.lib.made_files import (
    HOSTILE,
    MAX,
    chart,
    docx,
    hidden_in_object_stream,
    lying_directory,
    opens_at_its_first_page,
    pdf,
    picture,
    relation,
    with_picture,
    xlsx,
)

ALLOWED = ["pdf", "docx", "xlsx", "jpg", "jpeg", "png"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_own_reason(name: str) -> None:
    filename, make, code = HOSTILE[name]
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(make()), name=filename, max_bytes=MAX, allowed=ALLOWED)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("pdf", pdf),
        ("docx", docx),
        ("xlsx", xlsx),
        ("png", lambda: picture("PNG", (64, 64))),
        ("jpg", lambda: picture("JPEG", (64, 64))),
    ],
)
def test_a_spoilt_file_is_refused_or_read_and_never_an_error(kind: str, make: Callable[[], bytes]) -> None:
    """Two hundred of a kind with bytes changed, cut and doubled: whatever the readers raise becomes a refusal."""
    data, chance = make(), random.Random(2026)
    refused = 0
    for _ in range(200):
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(max(len(spoilt), 1))
            match chance.randrange(3):
                case 0:
                    spoilt[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del spoilt[at : at + chance.randint(1, 40)]
                case _:
                    spoilt[at:at] = spoilt[at : at + chance.randint(1, 40)]
        try:
            inspect(io.BytesIO(bytes(spoilt)), name=f"a.{kind}", max_bytes=MAX, allowed=ALLOWED)
        except UploadRefused:
            refused += 1
    assert refused > 50


def test_a_file_made_to_keep_the_scan_busy_is_answered_at_once() -> None:
    """Two million beginnings of a stream without an end; a pattern would go through the file for each."""
    busy = b"%PDF-1.4\n" + b"stream\n" * 2_000_000 + b"%%EOF"
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(busy), name="a.pdf", max_bytes=20 * 1024 * 1024, allowed=ALLOWED)
    assert refused.value.code == "pdf_broken"


def test_a_directory_that_lies_about_a_parts_size_is_refused() -> None:
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(lying_directory()), name="a.docx", max_bytes=MAX, allowed=ALLOWED)
    assert refused.value.code in {"bomb", "office_broken"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("自评报告.pdf", pdf),
        ("自评报告.docx", docx),
        ("三年指标.XLSX", xlsx),
        ("执照.png", lambda: picture("PNG")),
        ("执照.JPG", lambda: picture("JPEG")),
        ("执照.v2.jpeg", lambda: picture("JPEG")),
        ("一点.jpg", lambda: picture("JPEG", (2, 2))),
        ("手机照片.jpg", lambda: picture("JPEG", (640, 480)) + picture("JPEG", (64, 48))),
        ("含书签.pdf", lambda: pdf(opens_at_its_first_page)),
        ("含网址.docx", relation("hyperlink", "https://example.invalid/")),
        (
            "公示文书.pdf",
            lambda: render_pdf("<html lang=zh-CN><h1>受理公示</h1><a href='https://a.invalid'>网址</a>").data,
        ),
        ("含图表.xlsx", chart),
        ("含图片.docx", with_picture),
    ],
)
def test_an_honest_file_is_accepted_with_its_digest(name: str, make: Callable[[], bytes]) -> None:
    data = make()
    found = inspect(io.BytesIO(data), name=name, max_bytes=MAX, allowed=ALLOWED)
    assert found.size == len(data)
    assert found.extension == name.rsplit(".", 1)[1].lower()
    assert len(found.sha256) == 64


def test_letters_that_look_like_a_script_inside_a_picture_stream_do_no_harm() -> None:
    """`/JS ` turns up by chance in compressed data; only names that the structure holds count."""
    data = pdf()
    stream = b"9 0 obj\n<< /Length 12 >>\nstream\n\x01/JS \x02\x03abc\nendstream\nendobj\n"
    at = data.index(b"1 0 obj")
    assert inspect(io.BytesIO(data[:at] + stream + data[at:]), name="a.pdf", max_bytes=MAX, allowed=ALLOWED)


def test_the_reader_used_here_sees_the_compressed_script() -> None:
    """The fixture is a real PDF: it opens and has a page."""
    assert len(PdfReader(io.BytesIO(hidden_in_object_stream())).pages) == 1


@pytest.fixture
def clamd(settings, tmp_path) -> Iterator[dict]:
    """A daemon that speaks INSTREAM over a real socket; `answer` is what it says, `received` what it was sent."""
    told = {"answer": b"stream: OK\0", "received": b""}
    settings.CLAMD_SOCKET = str(tmp_path / "clamd")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(settings.CLAMD_SOCKET)
    listening.listen()
    listening.settimeout(20)

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack("!L", stream.read(4))[0]:
                told["received"] += stream.read(length)
            connection.sendall(told["answer"])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield told
    listening.close()


def test_what_the_scanner_passes_is_kept_and_it_saw_every_byte(clamd: dict) -> None:
    data = pdf(lambda writer: writer.add_metadata({"/Title": "长" * 70_000}))
    assert inspect(io.BytesIO(data), name="a.pdf", max_bytes=MAX, allowed=ALLOWED).size == len(data)
    assert clamd["received"] == data


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: Eicar-Signature FOUND\0", "virus"),
        (b"stream: Not.OK FOUND\0", "virus"),
        (b"INSTREAM size limit exceeded. ERROR\0", "scanner_down"),
        (b"", "scanner_down"),
    ],
)
def test_what_the_scanner_does_not_pass_is_refused(clamd: dict, answer: bytes, code: str) -> None:
    clamd["answer"] = answer
    with pytest.raises(UploadRefused) as refused:
        inspect(io.BytesIO(pdf()), name="a.pdf", max_bytes=MAX, allowed=ALLOWED)
    assert refused.value.code == code


def test_a_scanner_that_is_not_there_lets_nothing_pass(settings, tmp_path) -> None:
    settings.CLAMD_SOCKET = str(tmp_path / "nobody")
    with pytest.raises(UploadRefused, match="暂时不可用"):
        inspect(io.BytesIO(pdf()), name="a.pdf", max_bytes=MAX, allowed=ALLOWED)
