"""Sealing papers: everybody can seal with the ballot's public key, only the teller's passphrase opens (DESIGN 5).

Neither a passphrase nor a paper gets into the report of an error: every frame here keeps its variables to itself.
"""

from __future__ import annotations

import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.views.decorators.debug import sensitive_variables

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16


class WrongPassphrase(Exception):
    """The passphrase does not open this ballot's key."""


def make_passphrase() -> str:
    """Sixteen characters in four groups, some 79 bits: shown once to the teller, stored nowhere."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@sensitive_variables()
def make_keys(passphrase: str) -> tuple[bytes, bytes]:
    """(public key, private key wrapped by the passphrase)."""
    private = X25519PrivateKey.generate()
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    wrapped = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, private.private_bytes_raw(), None)
    return private.public_key().public_bytes_raw(), salt + nonce + wrapped


@sensitive_variables()
def unwrap_key(wrapped: bytes, passphrase: str) -> X25519PrivateKey:
    """The private key; raises WrongPassphrase."""
    salt, nonce = wrapped[:SALT_BYTES], wrapped[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    try:
        raw = AESGCM(_stretch(passphrase, salt)).decrypt(nonce, wrapped[SALT_BYTES + NONCE_BYTES :], None)
    except InvalidTag as error:
        raise WrongPassphrase from error
    return X25519PrivateKey.from_private_bytes(raw)


@sensitive_variables()
def seal(public_key: bytes, paper: bytes) -> bytes:
    """A sealed paper: papers of one length seal to one length."""
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    sender, nonce = ephemeral.public_key().public_bytes_raw(), os.urandom(NONCE_BYTES)
    return sender + nonce + AESGCM(_agree(shared, sender, public_key)).encrypt(nonce, paper, None)


@sensitive_variables()
def unseal(key: X25519PrivateKey, sealed: bytes) -> bytes:
    sender, nonce = sealed[:KEY_BYTES], sealed[KEY_BYTES : KEY_BYTES + NONCE_BYTES]
    shared = key.exchange(X25519PublicKey.from_public_bytes(sender))
    public = key.public_key().public_bytes_raw()
    return AESGCM(_agree(shared, sender, public)).decrypt(nonce, sealed[KEY_BYTES + NONCE_BYTES :], None)


@sensitive_variables()
def _agree(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"award-portal ballot" + sender + receiver).derive(shared)


@sensitive_variables()
def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**14, r=8, p=1).derive(_plain(passphrase).encode())


@sensitive_variables()
def _plain(passphrase: str) -> str:
    """As people type it: case, spaces and dashes do not matter."""
    return "".join(one for one in passphrase.upper() if one in ALPHABET)
