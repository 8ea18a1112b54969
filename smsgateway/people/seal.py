"""Phone numbers and raw texts under seal: AES-GCM for keeping, a keyed hash for finding."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: 96 bits


class BrokenSeal(Exception):
    """Sealed data that this key does not open: another secret key, or the data were changed."""


@dataclass(frozen=True)
class Seal:
    """Keys derived from the service's secret key (HKDF, RFC 5869), one for each purpose."""

    secret_key: str

    def __repr__(self) -> str:
        return "Seal(…)"

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._key("seal"))

    @cached_property
    def _lookup_key(self) -> bytes:
        return self._key("lookup")

    def _key(self, purpose: str) -> bytes:
        info = f"smsgateway {purpose}".encode()
        return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(self.secret_key.encode())

    def close(self, text: str) -> str:
        """The text encrypted and authenticated, as `1.BASE64`; sealing twice gives different texts."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)
        return "1." + base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> str:
        """The text that `close` sealed; raises `BrokenSeal`."""
        version, _, payload = sealed.partition(".")
        try:
            raw = base64.b64decode(payload if version == "1" else "", validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(
                "a sealed number or text cannot be opened: SMSGATEWAY_SECRET_KEY is not the key that sealed it"
            ) from error

    def lookup(self, number: str) -> str:
        """The keyed hash (HMAC-SHA-256) under which a number is found without being readable.

        A plain hash would not do: all Finnish mobile numbers can be tried in seconds.
        """
        return hmac.new(self._lookup_key, number.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
