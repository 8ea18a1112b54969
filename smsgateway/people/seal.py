"""Phone numbers and raw texts under seal: AES-GCM for keeping, a keyed hash for finding.

Several secret keys may be in use while one takes another's place: the first seals and hashes, all of them open and
recognise. How one replaces another is told in `people/rotation.py`.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: 96 bits
KEY_ID_CHARACTERS = 8


class BrokenSeal(Exception):
    """Sealed data that no key at hand opens: another secret key, or the data were changed."""


@dataclass(frozen=True)
class Key:
    """What is derived from one secret key (HKDF, RFC 5869): a key for each purpose, and an id that tells nothing."""

    secret: str

    def __repr__(self) -> str:
        return f"Key({self.key_id})"

    @cached_property
    def key_id(self) -> str:
        return self._derived("key id").hex()[:KEY_ID_CHARACTERS]

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self._derived("seal"))

    @cached_property
    def _lookup_key(self) -> bytes:
        return self._derived("lookup")

    def _derived(self, purpose: str) -> bytes:
        info = f"smsgateway {purpose}".encode()
        return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(self.secret.encode())

    def lookup(self, number: str) -> str:
        return hmac.new(self._lookup_key, number.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


class Seal:
    """Seals with `secret_key`; opens and recognises what was sealed with the previous ones too."""

    def __init__(self, secret_key: str, previous: Sequence[str] = ()) -> None:
        self.key = Key(secret_key)
        self.previous = tuple(Key(secret) for secret in dict.fromkeys(previous) if secret != secret_key)

    def __repr__(self) -> str:
        return "Seal(…)"

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.key, *self.previous)

    @cached_property
    def current(self) -> str:
        """How everything begins that is sealed with the first key: `2.KEYID.`."""
        return f"2.{self.key.key_id}."

    def close(self, text: str) -> str:
        """The text encrypted and authenticated, as `2.KEYID.BASE64`; sealing twice gives different texts."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self.key.cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)
        return self.current + base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> str:
        """The text that `close` sealed, now or under a previous key; raises `BrokenSeal`."""
        for key, payload in self._ways_to_open(sealed):
            try:
                raw = base64.b64decode(payload, validate=True)
                return key.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode("utf-8", "surrogatepass")
            except (InvalidTag, ValueError):
                continue
        raise BrokenSeal(
            "a sealed number or text cannot be opened: the key that sealed it is neither SMSGATEWAY_SECRET_KEY nor "
            "among SMSGATEWAY_PREVIOUS_SECRET_KEYS"
        )

    def _ways_to_open(self, sealed: str) -> list[tuple[Key, str]]:
        version, _, rest = sealed.partition(".")
        if version == "1":  # sealed before texts named their key: `1.BASE64`
            return [(key, rest) for key in self.keys]
        key_id, _, payload = rest.partition(".")
        return [(key, payload) for key in self.keys if version == "2" and key.key_id == key_id]

    def lookup(self, number: str) -> str:
        """The keyed hash (HMAC-SHA-256) under which a number is found without being readable.

        A plain hash would not do: all Finnish mobile numbers can be tried in seconds. Whoever looks a number up calls
        `people.rotation.recognise` first.
        """
        return self.key.lookup(number)

    def former_lookups(self, number: str) -> list[str]:
        """The hashes of a number under the previous keys."""
        return [key.lookup(number) for key in self.previous]
