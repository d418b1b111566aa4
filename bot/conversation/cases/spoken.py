"""Case codes as they are said and written down: without the dash, in small letters, with what looks or sounds alike taken for it.

Rule 1: codes are made without 0, O, 1 and I; whoever writes one of these read or heard Q or L.
"""

_ALIKE = str.maketrans({"0": "Q", "O": "Q", "1": "L", "I": "L"})


def heard_as(text: str) -> str:
    """Give a code, or a part of one, in the form in which two of them are compared."""
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum()).translate(_ALIKE)
