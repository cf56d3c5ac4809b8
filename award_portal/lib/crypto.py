"""Personal data at rest: AES-GCM with a key id, bound to its row; a value that does not open raises, never garbles.

Keys stand outside the database (`FIELD_KEYS`, newest first) and are unlike SECRET_KEY. The field holds a token
`v1:<key id>:<base64>`, made and opened by the room that owns the row (`encrypt`, `decrypt`): there is no field that
opens by itself, so querysets, `repr`, dumps and histories carry tokens.

A pseudonym stands for a value that must be found again without being kept in the open. It is keyed by `IDENTITY_KEY`
alone, which is never rotated: under another key the same person would be another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = "v1"


class DecryptionFailed(Exception):
    """The token is altered, moved to another row, or its key is not at hand."""


def encrypt(text: str, *, bound_to: str) -> str:
    """A token of the text under the newest key, valid only for the row `bound_to` names."""
    key_id = newest_key()
    nonce = os.urandom(12)
    sealed = AESGCM(_keys()[key_id]).encrypt(nonce, text.encode(), _aad(key_id, bound_to))
    return f"{VERSION}:{key_id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str, *, bound_to: str) -> str:
    """The text of a token; raises DecryptionFailed."""
    try:
        version, key_id, body = token.split(":", 2)
        raw = base64.urlsafe_b64decode(body)
        if version != VERSION or key_id not in _keys():
            raise DecryptionFailed(f"no key {key_id!r} for this value")
        return AESGCM(_keys()[key_id]).decrypt(raw[:12], raw[12:], _aad(key_id, bound_to)).decode()
    except (ValueError, AttributeError, InvalidTag) as error:
        raise DecryptionFailed("this value was altered or belongs to another row") from error


def encrypt_bytes(data: bytes, *, bound_to: str) -> tuple[str, bytes]:
    """The newest key's id and the bytes under it, valid only for the file `bound_to` names."""
    key_id = newest_key()
    nonce = os.urandom(12)
    return key_id, nonce + AESGCM(_keys()[key_id]).encrypt(nonce, data, _aad(key_id, bound_to))


def decrypt_bytes(sealed: bytes, *, key_id: str, bound_to: str) -> bytes:
    """The bytes of a sealed file; raises DecryptionFailed."""
    if key_id not in _keys():
        raise DecryptionFailed(f"no key {key_id!r} for this file")
    try:
        return AESGCM(_keys()[key_id]).decrypt(sealed[:12], sealed[12:], _aad(key_id, bound_to))
    except (ValueError, InvalidTag) as error:
        raise DecryptionFailed("this file was altered or is another one's") from error


def newest_key() -> str:
    """The id of the key that everything new is sealed with."""
    return next(iter(_keys()))


def newest_prefix() -> str:
    """What a token under the newest key begins with."""
    return f"{VERSION}:{newest_key()}:"


def is_newest(token: str) -> bool:
    """Whether the token stands under the newest key already; `rotate` passes those by."""
    return token.startswith(newest_prefix())


def rotate(token: str, *, bound_to: str) -> str:
    """The same text under the newest key, or the token itself where it is; raises DecryptionFailed."""
    return token if is_newest(token) else encrypt(decrypt(token, bound_to=bound_to), bound_to=bound_to)


def pseudonym(text: str, *, purpose: str) -> str:
    """64 hex digits in capitals, the same for the same text for ever; without the key they tell nothing of it."""
    key = HKDF(hashes.SHA256(), 32, salt=None, info=f"award-portal pseudonym {purpose}".encode())
    secret = key.derive(settings.IDENTITY_KEY.encode())
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest().upper()


def digest_secret(secret: str) -> str:
    """What is kept of a receipt's secret: nothing that opens the receipt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mask(text: str, *, keep_start: int = 1, keep_end: int = 0) -> str:
    """What may be shown without opening: ends kept, the middle starred."""
    if len(text) <= keep_start + keep_end:
        return "*" * len(text)
    return text[:keep_start] + "*" * (len(text) - keep_start - keep_end) + (text[-keep_end:] if keep_end else "")


def mask_phone(text: str) -> str:
    """`138****5678`"""
    return mask(text, keep_start=3, keep_end=4)


def mask_id_number(text: str) -> str:
    """`6501**********1234`: the birthday never shows."""
    return mask(text, keep_start=4, keep_end=4)


def mask_name(text: str) -> str:
    """`张**`"""
    return mask(text, keep_start=1)


def _aad(key_id: str, bound_to: str) -> bytes:
    return f"{VERSION}|{key_id}|{bound_to}".encode()


def _keys() -> dict[str, bytes]:
    return _derive(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=8)
def _derive(entries: tuple[str, ...]) -> dict[str, bytes]:
    keys = {}
    for entry in entries:
        key_id, secret = entry.split(":", 1)
        keys[key_id] = HKDF(hashes.SHA256(), 32, salt=None, info=b"award-portal field").derive(secret.encode())
    return keys
