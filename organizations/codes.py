"""统一社会信用代码: GB 32100 with its check digit, normalised and explained."""

from __future__ import annotations

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError


class CodeRefused(ValueError):
    """Not a valid code; the text says what is wrong with it."""


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
