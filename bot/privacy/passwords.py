"""Passwords of staff: which are refused, how one is kept, and a phrase to propose.

Rule 1: only a hash of Argon2id is ever kept (RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes); it takes a tenth of a
second on purpose, so nobody calls it on a loop.
Rule 2: length is what counts: any signs, no rule about kinds of signs; refused is what is tried first.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

Weak = Literal["", "short", "long", "common", "near"]
SHORTEST, LONGEST = 12, 200
_DIFFERENT = 5
"""So many different signs at least."""
_TRIED_FIRST = (
    "password", "passw0rd", "passphrase", "motdepasse", "monmotdepasse", "qwertyuiop", "azertyuiop", "qwertzuiop", "1q2w3e4r5t6y",
    "1qaz2wsx3edc", "administrateur", "administrator", "letmein", "welcome", "bienvenue", "bonjour", "iloveyou", "jetaime", "soleil",
    "changeme", "changezmoi", "secret", "amana", "caseworker", "supervisor", "operator", "algerie", "maroc", "tunisie", "hamdoulillah",
    "inchallah", "bismillah",    "كلمةالسر", "كلمةالمرور", "السلامعليكم", "بسمالله",
)  # fmt: skip
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm")
_SYLLABLES = tuple(f"{consonant}{vowel}" for consonant in "bdfgjklmnprstvz" for vowel in "aeiu")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def weak(password: str, near: Sequence[str]) -> Weak:
    """Give why this password is refused, or nothing. `near`: words of the account itself."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    bare = "".join(sign for sign in plain.casefold() if sign.isalnum())
    if any(len(word) > 3 and word.casefold() in plain.casefold() for word in near):
        return "near"
    return "common" if len(set(plain)) < _DIFFERENT or _tried_first(bare) else ""


def _tried_first(bare: str) -> bool:
    if any(bare in (run * 3) or bare in (run[::-1] * 3) for run in _RUNS):
        return True
    # A word of the list with a little around it is the word; a phrase that holds it among others is not.
    return any(word in bare and len(bare) - len(word) < _DIFFERENT + 1 for word in _TRIED_FIRST) or any(
        bare == word * (len(bare) // len(word)) + word[: len(bare) % len(word)] for word in _TRIED_FIRST
    )


def proposal(chance: Callable[[int], str]) -> str:
    """Give a phrase of five words that can be said and typed, worth about 59 bits. `chance`: so many random letters and digits."""
    drawn = [_SYLLABLES[_SIGNS.index(sign) % len(_SYLLABLES)] for sign in chance(10)]
    return "-".join("".join(drawn[at : at + 2]) for at in range(0, 10, 2))


class Passwords:
    """Makes hashes and looks whether a password fits one. Both block."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)

    def hashed(self, password: str) -> str:
        """Give what is kept of this password."""
        return self._hasher.hash(_normal(password))

    def fits(self, kept: str, password: str) -> bool:
        """Give whether this is the password."""
        try:
            return self._hasher.verify(kept, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def stale(self, kept: str) -> bool:
        """Give whether this hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
