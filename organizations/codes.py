"""统一社会信用代码 (GB 32100) and 公民身份号码 (GB 11643) with their check digits, normalised and explained."""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

# 身份证号 begin with one of these provinces (GB/T 2260); which county it was is not asked, they come and go
PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
YOUNGEST, OLDEST = 16, 120
# stands in the place of a code for a person; no 统一社会信用代码 begins with P
PERSON_KEY = re.compile(r"P[0-9A-F]{17}")


class CodeRefused(ValueError):
    """Not a valid code; the text says what is wrong with it and never repeats it."""


def clean_code(text: str) -> str:
    """The code in capitals without spaces; raises CodeRefused with the reason (GB 32100)."""
    code = uscc.compact(text or "").upper()
    try:
        return uscc.validate(code)
    except InvalidLength as error:
        raise CodeRefused(f"统一社会信用代码应为18位，现为{len(code)}位。") from error
    except InvalidChecksum as error:
        raise CodeRefused("统一社会信用代码的校验位不符，请对照营业执照逐位核对（GB 32100）。") from error
    except (InvalidFormat, ValidationError) as error:
        raise CodeRefused("统一社会信用代码只含数字和大写字母（不含I、O、S、V、Z），请核对（GB 32100）。") from error


def is_valid_code(text: str) -> bool:
    """Whether the text is a code as it stands, for lists somebody else wrote."""
    return uscc.is_valid(text)


def clean_identity(text: str, *, on: date) -> str:
    """The 身份证号 in capitals without spaces; raises CodeRefused with the reason (GB 11643)."""
    number = ric.compact(text or "")
    if re.fullmatch(r"\d{15}", number):
        raise CodeRefused("15位身份证号已停止使用，请填写第二代居民身份证上的18位号码（GB 11643）。")
    if len(number) != 18:
        raise CodeRefused(f"身份证号应为18位，现为{len(number)}位（GB 11643）。")
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        raise CodeRefused("身份证号前17位为数字，末位为数字或者X，请核对（GB 11643）。")
    if not PROVINCE.fullmatch(number[:2]):
        raise CodeRefused("身份证号前两位不是省级行政区划代码，请对照身份证逐位核对（GB 11643）。")
    if ric.calc_check_digit(number) != number[-1]:
        raise CodeRefused("身份证号的校验位不符，请对照身份证逐位核对（GB 11643）。")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise CodeRefused("身份证号第7至14位不是日期，请对照身份证逐位核对（GB 11643）。") from error
    age = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    if not YOUNGEST <= age <= OLDEST:
        raise CodeRefused(f"身份证号第7至14位所示年龄不在{YOUNGEST}至{OLDEST}周岁之间，请对照身份证核对（GB 11643）。")
    return number


def shown_code(code: str) -> str:
    """A code as papers and pages show it: empty for a person, what stands in its place is never shown."""
    return "" if PERSON_KEY.fullmatch(code) else code
