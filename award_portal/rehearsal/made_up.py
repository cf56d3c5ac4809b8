"""Plainly made-up organisations, people and papers, valid by check digit; the same seed makes the same ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import ric

from awards.rulebook import FormField, Rulebook

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
PLACES = ("青石", "红叶", "雪莲", "金穗", "银河", "南山", "水磨", "玉泉", "凤鸣", "云台", "白杨", "胡杨")
TRADES = (
    ("精工制造", "制造业"),
    ("新能源装备", "制造业"),
    ("食品", "制造业"),
    ("建设工程", "建筑业"),
    ("物流", "交通运输、仓储和邮政业"),
    ("软件", "信息传输、软件和信息技术服务业"),
    ("检测技术", "科学研究和技术服务业"),
    ("医院", "卫生和社会工作"),
    ("学校", "教育"),
    ("供热", "电力、热力、燃气及水生产和供应业"),
    ("酒店", "住宿和餐饮业"),
    ("种业", "农、林、牧、渔业"),
)
SURNAMES = "甲乙丙丁戊己庚辛壬癸"


def valid_uscc(seed: int) -> str:
    """A 统一社会信用代码 with a right check digit (GB 32100); a region that is none, body made of the seed."""
    digits = "0123456789"
    random = Random(f"uscc:{seed}")
    body = "91990100" + _organization_code("".join(random.choice(digits) for _ in range(8)))
    total = sum(ALPHABET.index(one) * weight for one, weight in zip(body, WEIGHTS, strict=True))
    return body + ALPHABET[(31 - total % 31) % 31]


def valid_identity(seed: int) -> str:
    """A 身份证号 with a right check digit (GB 11643), of a county there is not (140399)."""
    random = Random(f"identity:{seed}")
    body = f"140399{1960 + seed % 35}{random.randint(1, 12):02d}{random.randint(1, 28):02d}{seed % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def _organization_code(eight: str) -> str:
    """The nine characters of GB 11714: eight and their check digit."""
    total = sum(int(one) * weight for one, weight in zip(eight, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = 11 - total % 11
    return eight + {10: "X", 11: "0"}.get(check, str(check))


def organization_name(seed: int) -> str:
    trade, _ = TRADES[seed % len(TRADES)]
    return f"样例{PLACES[(seed // len(TRADES) + seed) % len(PLACES)]}{trade}{seed:02d}号（虚构）"


def organization_industry(seed: int) -> str:
    return TRADES[seed % len(TRADES)][1]


def founded_on(seed: int) -> date:
    return date(2001 + seed % 15, 1 + seed % 12, 1 + seed % 28)


def made_up_person(seed: int) -> str:
    return f"样例{SURNAMES[seed % 10]}{SURNAMES[(seed // 10) % 10]}"


def made_up_answers(
    rulebook: Rulebook,
    seed: int,
    *,
    code: str,
    name: str,
    founded: date,
    years: tuple[int, ...],
    subject: str = "organization",
    **profile: Any,
) -> dict[str, dict[str, Any]]:
    """Answers for every section but the attachments: section key → its data, in the shapes `applications` stores.

    `years` are the indicator columns; `profile` overrides fields of the profile (recommender: the unit's public id).
    """
    random = Random(f"answers:{rulebook.key}:{seed}")
    districts = districts_of(rulebook)
    district = {"district": districts[seed % len(districts)]} if districts else {}
    known = {
        "name": name,
        "code": code,
        "founded_on": founded.isoformat(),
        "industry": organization_industry(seed),
        **district,
        **profile,
    }
    kinds, categories = rulebook.applicant_kinds_for(subject), rulebook.categories_for(subject)
    known.setdefault("applicant_kind", kinds[0].key if kinds else "")
    known.setdefault("category", categories[seed // 2 % len(categories)].key if categories else "")
    answers: dict[str, dict[str, Any]] = {}
    for section in rulebook.sections_for(subject):
        match section.kind:
            case "eligibility":
                answers[section.key] = {condition.key: True for condition in rulebook.conditions_for(subject)}
            case "declarations":
                answers[section.key] = {one.key: True for one in rulebook.declarations_for(subject)}
            case "self_assessment":
                rubric = rulebook.assessment_rubric(subject, known["category"] or None)
                answers[section.key] = {item.key: _essay(item.title, random) for item in rubric.items}
            case "indicators":
                answers[section.key] = _figures(rulebook, random, years)
            case "profile" | "narrative":
                answers[section.key] = {
                    field.key: known.get(field.key, _value(field, seed, random))
                    for field in section.fields
                    if field.type != "identity"
                }
    return answers


def districts_of(rulebook: Rulebook) -> tuple[str, ...]:
    """The districts the form offers."""
    fields = [field for section in rulebook.form.sections for field in section.fields]
    return next((one.options for one in fields if one.type == "district" and one.options), ())


def _figures(rulebook: Rulebook, random: Random, years: tuple[int, ...]) -> dict[str, str]:
    figures = {}
    for row in rulebook.form.indicators.rows:
        start = random.uniform(60, 90) if row.unit == "%" else random.uniform(50, 5000)
        for position, year in enumerate(years):
            value = min(start * (1 + 0.03 * position), 99.9) if row.unit == "%" else start * (1 + 0.05 * position)
            figures[f"{row.key}__{year}"] = f"{value:.{row.decimals}f}"
    return figures


def _value(field: FormField, seed: int, random: Random) -> Any:
    """A value of the field's type, plainly made up."""
    makers: dict[str, Callable[[], Any]] = {
        "integer": lambda: str(random.randint(3, 30) if field.unit == "年" else random.randint(20, 3000)),
        "number": lambda: f"{random.uniform(500, 90000):.2f}",
        "date": lambda: founded_on(seed).isoformat(),
        "year": lambda: "2025",
        "boolean": lambda: seed % 3 == 0,
        "phone": lambda: "0000-5550" + f"{seed % 1000:03d}",
        "email": lambda: f"sample{seed}@example.invalid",
        "choice": lambda: field.options[0] if field.options else "",
        "textarea": lambda: _essay(field.label, random, limit=field.limit or 300),
    }
    if field.type in makers:
        return makers[field.type]()
    if not field.required:
        return ""
    return made_up_person(seed) if field.personal else f"样例{field.label}{seed}"[: field.limit or 60]


def _essay(topic: str, random: Random, *, limit: int = 400) -> str:
    parts = (
        f"围绕“{topic}”建立制度并逐级分解目标，由最高管理者牵头，每季度检查一次。",
        "各部门按流程执行，数据由信息系统自动采集，异常当日闭环处理。",
        f"近三年开展改进项目{random.randint(12, 90)}项，其中{random.randint(3, 11)}项在同行业推广。",
        f"与上年相比，主要指标提高{random.uniform(1, 9):.1f}个百分点。以上内容为演练虚构。",
    )
    return "".join(parts)[:limit]


def made_up_pdf(title: str) -> bytes:
    """A small real PDF whose metadata says it is a sample; drawn without a font, so that it costs nothing."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": f"样章 {title}", "/Creator": "rehearsal"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def made_up_upload(title: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{title}.pdf", made_up_pdf(title), content_type="application/pdf")
