"""Take numbers and plain containers out of a pickle without unpickling it.

A pickle is a small program. Python's unpickler runs it, and calls whatever it names. This reader
has no way to call anything: it knows the instructions that build plain values, and the five names
of `pickled_numpy`. At the first other one it stops. Memory is bounded by the size of the pickle:
each instruction makes at most one value, and nothing is reserved because a pickle asks for it.
"""

import pickletools
from collections.abc import Callable
from typing import Any

from mmfeat.tabular.pickled_numpy import PickledArray, PickledDtype, admitted, call

_LARGEST_KEY_BITS = 60
"""Larger whole numbers can be chosen so that a dictionary takes them all for the same."""
_PROTOCOLS = (2, 3, 4, 5)
_GIVEN = frozenset(
    (
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)
"""Instructions whose argument is the value."""
_MADE: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = ("MEMOIZE", "BINPUT", "LONG_BINPUT")
_GETS = ("BINGET", "LONG_BINGET")


def read_pickled_values(pickled: bytes) -> object:
    """Return what a pickle holds: dict, list, tuple, text, bytes, numbers and NumPy arrays.

    An array of objects comes as the list of them, or as the object if it is the only one.

    Raises:
        ValueError: It is torn, or holds anything else; the message says what.

    Example:
        >>> import pickle
        >>> read_pickled_values(pickle.dumps({"case-1": [0.5, 2.0]}))
        {'case-1': [0.5, 2.0]}
        >>> read_pickled_values(pickle.dumps(print))
        Traceback (most recent call last):
        ...
        ValueError: it names `builtins.print`, which is no array
    """
    reader = _Reader()
    try:
        for opcode, argument, _ in pickletools.genops(pickled):
            if opcode.name == "STOP":
                return reader.result()
            reader.do(opcode.name, argument)
    except (LookupError, TypeError) as error:
        raise ValueError("the pickle is torn or not well-formed") from error
    raise ValueError("the pickle has no end")


class _Reader:
    """Keep the stack and the memo of one pickle."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._others: dict[str, Callable[[Any], None]] = {
            "PROTO": self._check_protocol,
            "FRAME": lambda _: None,
            "MARK": lambda _: self._marks.append(len(self._stack)),
            "TUPLE": lambda _: self._stack.append(tuple(self._since_mark())),
            "APPEND": lambda _: self._extend([self._stack.pop()]),
            "APPENDS": lambda _: self._extend(self._since_mark()),
            "SETITEM": lambda _: self._set_items(self._last(2)),
            "SETITEMS": lambda _: self._set_items(self._since_mark()),
            "GLOBAL": lambda names: self._stack.append(admitted(*names.split(" ", 1))),
            "STACK_GLOBAL": lambda _: self._stack.append(admitted(*self._last(2))),
            "REDUCE": lambda _: self._stack.append(call(*self._last(2))),
            "BUILD": lambda _: self._build(self._stack.pop()),
        }

    def do(self, name: str, argument: Any) -> None:  # noqa: ANN401 - what pickletools gives
        """Follow one instruction."""
        if name in _GIVEN:
            self._stack.append(argument)
        elif name in _MADE:
            self._stack.append(_MADE[name]())
        elif name in _TUPLES:
            self._stack.append(tuple(self._last(_TUPLES[name])))
        elif name in _PUTS:
            self._put(len(self._memo) if argument is None else argument)
        elif name in _GETS:
            self._stack.append(self._memo[argument])
        elif name in self._others:
            self._others[name](argument)
        else:
            raise ValueError(f"it uses the instruction {name}, which no plain values need")

    def result(self) -> object:
        """Return the one value that is left."""
        if len(self._stack) != 1:
            raise ValueError("the pickle is torn or not well-formed")
        return self._stack[0]

    def _check_protocol(self, protocol: int) -> None:
        if protocol not in _PROTOCOLS:
            raise ValueError(f"it is of protocol {protocol}, and read are those of {_PROTOCOLS}")

    def _last(self, count: int) -> list[Any]:
        if len(self._stack) < count:
            raise IndexError
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _since_mark(self) -> list[Any]:
        start = self._marks.pop()
        taken = self._stack[start:]
        del self._stack[start:]
        return taken

    def _extend(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise TypeError
        self._stack[-1].extend(items)

    def _set_items(self, pairs: list[Any]) -> None:
        keys = pairs[::2]
        if type(self._stack[-1]) is not dict or len(pairs) % 2:
            raise TypeError
        if wrong := [key for key in keys if not _is_key(key)]:
            raise ValueError(
                f"a key in it is a {type(wrong[0]).__name__}; only texts and whole numbers may be"
            )
        self._stack[-1].update(zip(keys, pairs[1::2], strict=True))

    def _put(self, place: int) -> None:
        value = self._stack[-1]
        self._memo[place] = value
        if isinstance(value, PickledArray):
            value.memo_places.append(place)

    def _build(self, state: object) -> None:
        target = self._stack[-1]
        if not isinstance(target, (PickledArray, PickledDtype)):
            raise ValueError(f"it sets the state of a {type(target).__name__}, which has none")
        self._stack[-1] = target.build(state)
        if isinstance(target, PickledArray):
            self._memo.update(dict.fromkeys(target.memo_places, self._stack[-1]))


def _is_key(value: object) -> bool:
    """Say whether a value may be a key: nothing that takes for ever, as tuples of tuples would."""
    return isinstance(value, (str, bytes)) or (
        isinstance(value, int) and value.bit_length() <= _LARGEST_KEY_BITS
    )
