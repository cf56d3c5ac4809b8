"""The workbook an office fills in with its earlier winners: codes as text, the present tiers to choose from (R6)."""

from __future__ import annotations

import io

import xlsxwriter

from .rulebook import Rulebook

WIDTHS = {"获奖组织": 34, "统一社会信用代码": 24, "身份证号": 24, "表彰决定文号": 22, "授奖依据": 34}


def register_template(book: Rulebook) -> bytes:
    """An empty table with one sheet to fill in and one that explains it."""
    head = ["获奖组织", "统一社会信用代码"]
    head += ["身份证号"] if book.admits_individuals else []
    head += ["获奖年度", "奖项等次", "表彰日期", "表彰决定文号", "所在区县", "授奖依据", "状态", "取消日期"]
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    bold, text = workbook.add_format({"bold": True, "border": 1}), workbook.add_format({"num_format": "@"})
    sheet = workbook.add_worksheet("历届获奖名录")
    for column, word in enumerate(head):
        sheet.set_column(column, column, WIDTHS.get(word, 14), text)
        sheet.write(0, column, word, bold)
    sheet.freeze_panes(1, 0)
    _choices(sheet, head.index("奖项等次"), [one.name for one in book.tiers], strict=False)
    _choices(sheet, head.index("状态"), ["有效", "期满", "已取消"], strict=True)
    notes = workbook.add_worksheet("填写说明")
    notes.set_column(0, 0, 100)
    for row, line in enumerate(explanations(book)):
        notes.write(row, 0, line)
    workbook.close()
    return out.getvalue()


def explanations(book: Rulebook) -> list[str]:
    """What the office should know when filling it in."""
    tiers = "、".join(one.name for one in book.tiers)
    lines = [
        "一行填写一个获奖者的一次获奖；表头各列名称不要改动，表头以上可以有标题。",
        "获奖组织、获奖年度、奖项等次必须填写。",
        "统一社会信用代码没有的可以空着，但没有代码的记录只能按名称提示，不能自动识别重复申报。",
        f"奖项等次按当时的名称填写；现行等次为{tiers}，以前的名称在导入时逐一选择对应的等次。",
        "表彰日期没有的可以空着，按获奖年度12月31日计算限制期。",
        "授奖依据填写当时依据的管理办法，已经废止的也照填。",
        "状态可填有效、期满、已取消，空着按有效登记。",
    ]
    if book.admits_individuals:
        lines.append("个人填写身份证号，系统只保存据其生成的标识，不保存号码和原文件；没有身份证号的可以空着。")
    return lines


def _choices(sheet: xlsxwriter.worksheet.Worksheet, column: int, words: list[str], *, strict: bool) -> None:
    told = "请从列表中选择" if strict else "以前的等次名称可以照填，导入时再选择对应的现行等次"
    offered = {
        "validate": "list",
        "source": words,
        "error_type": "stop" if strict else "information",
        "error_message": told,
    }
    sheet.data_validation(1, column, 2000, column, offered)
