"""Everybody can seal; only the teller's passphrase opens; a sealed paper tells neither its choices nor its sender."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from reviews.sealing import WrongPassphrase, make_keys, make_passphrase, seal, unseal, unwrap_key

PAPER = b"FANFA"


def test_a_sealed_paper_opens_with_the_tellers_passphrase():
    passphrase = make_passphrase()
    public, wrapped = make_keys(passphrase)
    assert unseal(unwrap_key(wrapped, passphrase), seal(public, PAPER)) == PAPER


def test_as_people_type_it_case_spaces_and_dashes_do_not_matter():
    passphrase = make_passphrase()
    public, wrapped = make_keys(passphrase)
    typed = f"  {passphrase.lower().replace('-', ' ')}\n"
    assert unseal(unwrap_key(wrapped, typed), seal(public, PAPER)) == PAPER


def test_a_wrong_passphrase_opens_nothing():
    _, wrapped = make_keys(make_passphrase())
    for wrong in (make_passphrase(), "", "ABCD-EFGH-JKMN-PQR"):
        with pytest.raises(WrongPassphrase):
            unwrap_key(wrapped, wrong)


def test_the_same_choices_never_look_the_same_and_all_papers_are_of_one_length():
    public, _ = make_keys(make_passphrase())
    sealed = [seal(public, paper) for paper in [b"FFFFF", b"AAAAA", b"NNNNN", b"FANFA", *[PAPER] * 20]]
    assert len(set(sealed)) == len(sealed)
    assert len({len(one) for one in sealed}) == 1


def test_a_paper_changed_on_the_way_does_not_open():
    passphrase = make_passphrase()
    public, wrapped = make_keys(passphrase)
    key = unwrap_key(wrapped, passphrase)
    sealed = seal(public, PAPER)
    for place in (0, 40, len(sealed) - 1):
        forged = bytearray(sealed)
        forged[place] ^= 1
        with pytest.raises(InvalidTag):
            unseal(key, bytes(forged))


def test_the_key_of_one_ballot_opens_no_paper_of_another():
    passphrase = make_passphrase()
    (public, _), (_, other) = make_keys(passphrase), make_keys(passphrase)
    with pytest.raises(InvalidTag):
        unseal(unwrap_key(other, passphrase), seal(public, PAPER))


def test_a_passphrase_is_sixteen_characters_nobody_confuses():
    found = {make_passphrase() for _ in range(200)}
    assert len(found) == 200
    assert all(len(one) == 19 and not set("0O1IL") & set(one) for one in found)
