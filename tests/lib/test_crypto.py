"""Sealed values open for their own row and key, or not at all."""

import json

import pytest

from award_portal.lib.crypto import (
    DecryptionFailed,
    decrypt,
    encrypt,
    is_newest,
    mask,
    mask_id_number,
    mask_name,
    mask_phone,
    rotate,
)

OLD, NEW = "2025:an old secret of the tests", "2026:a new secret of the tests"
TEXT = json.dumps({"姓名": "张喆堃", "手机": "13800000000"}, ensure_ascii=False)
ROW, OTHER_ROW = "objections.objection.identity:row-1", "objections.objection.identity:row-2"


@pytest.fixture(autouse=True)
def keys(settings):
    settings.FIELD_KEYS = [NEW, OLD]


def test_a_sealed_value_opens_for_its_own_row():
    assert decrypt(encrypt(TEXT, bound_to=ROW), bound_to=ROW) == TEXT


def test_a_token_tells_nothing_of_its_text_and_two_are_never_equal():
    first, second = encrypt(TEXT, bound_to=ROW), encrypt(TEXT, bound_to=ROW)
    assert first != second
    assert "13800000000" not in first
    assert "张喆堃" not in first


def test_a_token_moved_to_another_row_does_not_open():
    with pytest.raises(DecryptionFailed):
        decrypt(encrypt(TEXT, bound_to=ROW), bound_to=OTHER_ROW)


@pytest.mark.parametrize("position", [0, 3, 9, 20, -6])
def test_an_altered_token_does_not_open(position):
    token = encrypt(TEXT, bound_to=ROW)
    altered = "A" if token[position] != "A" else "B"
    with pytest.raises(DecryptionFailed):
        decrypt(token[:position] + altered + token[position:][1:], bound_to=ROW)


@pytest.mark.parametrize(
    "token", ["", "张三", "v1:2026", "v1:2026:", "v1:2026:AAAA", "v2:2026:AAAA", "v1:none:AAAA", None]
)
def test_what_is_no_token_does_not_open(token):
    with pytest.raises(DecryptionFailed):
        decrypt(token, bound_to=ROW)


def test_the_wrong_secret_does_not_open(settings):
    token = encrypt(TEXT, bound_to=ROW)
    settings.FIELD_KEYS = ["2026:somebody else's secret"]
    with pytest.raises(DecryptionFailed):
        decrypt(token, bound_to=ROW)


def test_a_token_renamed_to_another_key_does_not_open(settings):
    settings.FIELD_KEYS = ["a:the same secret", "b:the same secret"]
    with pytest.raises(DecryptionFailed):
        decrypt(encrypt(TEXT, bound_to=ROW).replace("v1:a:", "v1:b:"), bound_to=ROW)


def test_an_old_key_still_opens_and_rotating_brings_the_newest(settings):
    settings.FIELD_KEYS = [OLD]
    token = encrypt(TEXT, bound_to=ROW)
    settings.FIELD_KEYS = [NEW, OLD]
    assert decrypt(token, bound_to=ROW) == TEXT
    assert not is_newest(token)
    rotated = rotate(token, bound_to=ROW)
    assert is_newest(rotated)
    assert rotate(rotated, bound_to=ROW) == rotated
    settings.FIELD_KEYS = [NEW]
    assert decrypt(rotated, bound_to=ROW) == TEXT
    with pytest.raises(DecryptionFailed):
        decrypt(token, bound_to=ROW)


def test_rotating_does_not_move_a_value_to_another_row(settings):
    settings.FIELD_KEYS = [OLD]
    token = encrypt(TEXT, bound_to=ROW)
    settings.FIELD_KEYS = [NEW, OLD]
    with pytest.raises(DecryptionFailed):
        rotate(token, bound_to=OTHER_ROW)


def test_masks_keep_the_ends_only():
    assert mask_phone("13812345678") == "138****5678"
    assert mask_id_number("650102199001011234") == "6501**********1234"
    assert mask_name("张喆堃") == "张**"
    assert mask_name("张") == "*"
    assert mask_phone("1234567") == "*******"
    assert mask("") == ""
