"""Ids made from times, told apart where they are shared."""

from collections.abc import Iterable


def told_apart(names: Iterable[str]) -> list[str]:
    """The names in order, with b, c ... z, aa ... after those that were there before.

    >>> told_apart(["00001000", "00001000", "00002500", "00001000"])
    ['00001000', '00001000b', '00002500', '00001000c']
    """
    shared: dict[str, int] = {}
    ids = []
    for name in names:
        number = shared[name] = shared.get(name, 0) + 1
        letters = ""
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(ord("a") + digit) + letters
        ids.append(name if letters == "a" else name + letters)
    return ids
