"""`manage.py scheme …`: the rulebooks from the command line: check, load, show, draw, compare, begin a new one."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from award_portal.lib import clock
from awards.diagram import draw_dot, draw_svg
from awards.differences import Change, compare
from awards.rulebook import Rulebook, RulebookInvalid, load_rulebook
from awards.skeleton import describe_spec, skeleton

STATUS = {"draft": "征求意见稿", "official": "正式", "reading": "政策解读"}


class Command(BaseCommand):
    help = "检查、载入、显示、画出、比较奖项的规则文件，起草新的规则文件"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="check|load|show|diagram|diff|new|schema")
        check = actions.add_parser("check", help="检查规则文件，一次列出全部错误")
        check.add_argument("files", nargs="+", type=Path, metavar="FILE")
        load = actions.add_parser("load", help="载入规则文件，成为奖项的一个版本")
        load.add_argument("files", nargs="+", type=Path, metavar="FILE")
        show = actions.add_parser("show", help="列出一个奖项的全部规则及其条款依据")
        show.add_argument("key", metavar="KEY", help="奖项代号或者规则文件路径")
        show.add_argument("--edition", help="规则版本，不写为最近载入的版本")
        diagram = actions.add_parser("diagram", help="画出一个奖项自己的评审程序")
        diagram.add_argument("key", metavar="KEY", help="奖项代号、“代号:版本”或者规则文件路径")
        formats = diagram.add_mutually_exclusive_group()
        formats.add_argument("--svg", type=Path, metavar="FILE", help="写成SVG图")
        formats.add_argument("--dot", type=Path, metavar="FILE", help="写成Graphviz文本；都不写则打印该文本")
        diff = actions.add_parser("diff", help="逐条比较两个版本的差异")
        diff.add_argument("old", metavar="OLD", help="奖项代号、“代号:版本”或者规则文件路径")
        diff.add_argument("new", metavar="NEW", help="同上")
        new = actions.add_parser("new", help="打印一份待填的规则文件底稿")
        new.add_argument("key", metavar="KEY", help="新奖项的代号：小写字母、数字和下划线")
        actions.add_parser("schema", help="列出规则文件的全部键、类型和取值")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        getattr(self, f"_{action}")(**options)

    def _check(self, *, files: list[Path], **options: Any) -> None:
        wrong = [path for path in files if self._read(path) is None]
        if wrong:
            sys.exit(1)

    def _load(self, *, files: list[Path], **options: Any) -> None:
        from awards.schemes import EditionRefused, load_scheme  # `check` needs no database

        for path in files:
            if self._read(path) is None:
                sys.exit(1)
            try:
                edition = load_scheme(path.read_text("utf-8"), at=clock.now())
            except EditionRefused as refused:
                raise CommandError(str(refused)) from None
            self.stdout.write(f"已载入：{edition}（摘要 {edition.sha256[:12]}…）")

    def _show(self, *, key: str, edition: str | None, **options: Any) -> None:
        self.stdout.write("\n".join(describe(self._book(f"{key}:{edition}" if edition else key))))

    def _diagram(self, *, key: str, svg: Path | None, dot: Path | None, **options: Any) -> None:
        book = self._book(key)
        if svg or dot:
            self._write(svg or dot, draw_svg(book) if svg else draw_dot(book))
        else:
            self.stdout.write(draw_dot(book), ending="")

    def _diff(self, *, old: str, new: str, **options: Any) -> None:
        before, after = self._book(old), self._book(new)
        self.stdout.write(f"{before.name} {before.edition} → {after.name} {after.edition}")
        groups = compare(before, after)
        for group in groups:
            self.stdout.write("\n".join(["", group.title, *(f"  {told(one)}" for one in group.changes)]))
        self.stdout.write("" if groups else "没有差异。")

    def _new(self, *, key: str, **options: Any) -> None:
        try:
            self.stdout.write(skeleton(key), ending="")
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _schema(self, **options: Any) -> None:
        for one in describe_spec():
            mark = "必填" if one.is_required else "选填"
            self.stdout.write(f"{pad(one.path, 52)} {mark}  {pad(one.kind, 24)} {one.title}".rstrip())

    def _write(self, path: Path | None, text: str) -> None:
        assert path is not None
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise CommandError(f"无法写入 {path}：{error.strerror}") from None
        self.stdout.write(f"已写入 {path}")

    def _book(self, wanted: str) -> Rulebook:
        """The rulebook of a file, of a scheme's newest edition, or of `key:edition`."""
        if wanted.endswith((".yaml", ".yml")):
            book = self._read(Path(wanted), quiet=True)
            if book is None:
                sys.exit(1)
            return book
        key, _, edition = wanted.partition(":")
        return self._stored(key, edition or None)

    def _stored(self, key: str, edition: str | None) -> Rulebook:
        from awards.models import Edition, Scheme
        from awards.schemes import latest_edition, rulebook_of

        wanted = Edition.objects.select_related("scheme").filter(scheme__key=key, edition=edition).first()
        found = wanted if edition else latest_edition(key)
        if found is None:
            known = "、".join(Scheme.objects.values_list("key", flat=True)) or "（尚未载入任何奖项）"
            raise CommandError(f"没有奖项“{key}”{f'的版本“{edition}”' if edition else ''}。已载入：{known}")
        return rulebook_of(found)

    def _read(self, path: Path, *, quiet: bool = False) -> Rulebook | None:
        """The rulebook of a file; prints every error otherwise."""
        try:
            book = load_rulebook(path.read_text("utf-8"))
        except OSError as error:
            self.stderr.write(f"无法读取 {path}：{error.strerror}")
        except UnicodeDecodeError:
            self.stderr.write(f"{path} 不是 UTF-8 文本，请另存为 UTF-8 后再试")
        except RulebookInvalid as invalid:
            self.stderr.write(f"{path}：{len(invalid.errors)} 处错误")
            for one in invalid.errors:
                self.stderr.write(f"  {one}")
        else:
            if not quiet:
                rows = book.rules()
                left = sum(row.assumed for row in rows)
                self.stdout.write(
                    f"{path}：无误。{book.name} {book.edition}，规则 {len(rows)} 项，其中办公室设定 {left} 项"
                )
            return book
        return None


def describe(book: Rulebook) -> list[str]:
    """The whole rulebook as lines a person reads: what, its value, its ground."""
    lines = [
        f"{book.name}（{book.key}，版本 {book.edition}）",
        f"依据：《{book.regulation.title}》〔{STATUS[book.regulation.status]}〕"
        + (f" {book.regulation.document_number}" if book.regulation.document_number else ""),
        f"机构：{book.bodies.office.name}；{book.bodies.leading_body.name}；{book.bodies.government.name}",
        f"摘要：{book.sha256}",
        "程序：" + " → ".join(stage.label for stage in book.stages),
        "",
        "申报条件",
    ]
    lines += [
        f"  {one.text}　〔{book.cite_zh(one.cite) if one.cite else '办公室设定'}〕"
        for one in book.eligibility.conditions
    ]
    group = None
    for row in book.rules():
        if row.group != group:
            group = row.group
            lines += ["", group]
        label = row.label.removeprefix(f"{group} · ")
        ground = f"〔办公室设定〕{row.reason}" if row.assumed else f"〔{row.citation_zh}〕"
        lines.append(f"  {pad(label, 46)} {pad(row.value_zh, 24)} {ground}")
    return lines


def told(change: Change) -> str:
    """One difference as a line: what, from what, to what, each with its ground."""
    old = change.old + (f"〔{change.old_ground}〕" if change.old_ground else "")
    new = change.new + (f"〔{change.new_ground}〕" if change.new_ground else "")
    sides = {"added": new, "removed": old}.get(change.kind, f"{old} → {new}")
    return f"{change.kind_zh}　{change.label}：{sides}"


def pad(text: str, width: int) -> str:
    """Text filled up to a width in columns: a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
    return text + " " * max(0, width - taken)
