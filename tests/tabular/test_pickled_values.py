"""Nothing in a pickle is ever run; numbers and plain containers come out of it as they went in."""

import codecs
import collections
import copyreg
import functools
import operator
import os
import pickle
import struct
import subprocess
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from mmfeat.tabular.pickled_numpy import ADMITTED
from mmfeat.tabular.pickled_values import read_pickled_values

PROTOCOLS = (3, 4, 5)


def _nlst(n=3, width=4):
    """A dictionary as in Google's CT Foundation archives."""
    generator = np.random.default_rng(0)
    return {
        f"1.2.{number}": {
            "embedding": generator.random(width, np.float32),
            "cancer_in_1": number % 2,
            "cancer_in_2": np.int64(1),
        }
        for number in range(n)
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_dictionary_of_vectors_comes_out_as_it_went_in(protocol):
    wanted = _nlst()
    read = read_pickled_values(pickle.dumps(np.array(wanted, dtype=object), protocol))
    assert read.keys() == wanted.keys()
    for case_id, entry in wanted.items():
        np.testing.assert_array_equal(read[case_id].pop("embedding"), entry.pop("embedding"))
        assert read[case_id] == entry


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float16).reshape(2, 3),
        np.arange(6, dtype=">f8").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
        np.arange(6, dtype=np.uint8)[::2],
        np.array([], np.float32),
        np.array(1.5, np.float32),
        np.array(["a", "bcd"]),
        np.array([b"a", b"bcd"]),
        np.array([True, False]),
        np.float64(2.5),
        np.str_("é"),
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}",
)
def test_arrays_of_every_admitted_type_come_out_as_they_went_in(protocol, array):
    read = read_pickled_values(pickle.dumps(array, protocol))
    np.testing.assert_array_equal(read, array)
    assert np.asarray(read).dtype == np.asarray(array).dtype


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_values_come_out_as_they_went_in(protocol):
    shared = [1, -1, 300, 70_000, 2**40, 2.5]
    values = {"a": (None, True, False, b"bytes"), 7: shared, b"k": [shared, (), (1,), (1, 2, 3, 4)]}
    assert read_pickled_values(pickle.dumps(values, protocol)) == values


def test_an_array_that_is_met_twice_is_one_array():
    vector = np.ones(3)
    read = read_pickled_values(pickle.dumps({"a": vector, "b": vector}))
    assert read["a"] is read["b"]
    np.testing.assert_array_equal(read["b"], vector)


def test_an_array_of_texts_as_objects_is_a_list():
    read = read_pickled_values(pickle.dumps(np.array(["a", "b"], dtype=object)))
    assert read == ["a", "b"]


def test_names_of_numpy_1_are_read_too():
    pickled = pickle.dumps(np.array(_nlst(), dtype=object), 3)
    old = pickled.replace(b"numpy._core.", b"numpy.core.")
    assert old != pickled
    assert read_pickled_values(old).keys() == _nlst().keys()


class _Calling:
    """Pickle as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class _Setting:
    """Pickle as a call whose result is given a state."""

    def __init__(self, function, arguments, state):
        self.call = function, arguments, state

    def __reduce__(self):
        return self.call


def _attacks(mark):
    """Pickles that would make a file, or change this process, or worse."""
    command = f"touch {mark}"
    code = f"open({str(mark)!r}, 'w').close()"
    inner = pickle.dumps(_Calling(os.system, command))
    return {
        "os.system": _Calling(os.system, command),
        "subprocess": _Calling(subprocess.check_output, ["touch", str(mark)]),
        "eval": _Calling(eval, code),
        "exec": _Calling(exec, code),
        "open": _Calling(open, str(mark), "w"),
        "getattr chain": _Calling(getattr, _Calling(__import__, "os"), "system"),
        "attrgetter": _Calling(operator.attrgetter, "system"),
        "methodcaller": _Calling(operator.methodcaller("touch"), mark),
        "partial": _Calling(functools.partial(os.system, command)),
        "codecs": _Calling(codecs.encode, "x", "latin1"),
        "numpy.load": _Calling(np.load, str(mark), None, True),
        "numpy.savetxt": _Calling(np.savetxt, str(mark), [1.0]),
        "numpy.memmap": _Calling(np.memmap, str(mark), "u1", "w+", 0, (9,)),
        "numpy.fromfile": _Calling(np.fromfile, "/dev/zero"),
        "copyreg": _Calling(copyreg.pickle, dict, os.system),
        "copyreg reconstructor": _Calling(copyreg._reconstructor, object, object, None),
        "nested": _Calling(pickle.loads, inner),
        "inside an array": np.array([_Calling(os.system, command)], dtype=object),
        "inside a dictionary": {"a": np.ones(2), "b": _Calling(os.system, command)},
        "as a key": {_Calling(os.getpid): 1},
        "class": collections.Counter,
        "instance": collections.OrderedDict(a=1),
        "default dictionary": collections.defaultdict(_Calling, a=1),
        "set": {1, 2},
        "data frame": pd.DataFrame({"a": [1]}),
        "structured array": np.zeros(2, [("a", "f4"), ("b", "O")]),
        "array of arrays of objects": np.array([[1, "a"], [2, "b"]], dtype=object),
        "complex": np.ones(2, complex),
        "dates": np.array(["2026-01-01"], "M8[D]"),
        "array subclass": np.ma.masked_array([1.0], [True]),
        "state of a dictionary": _Setting(dict, (), {"a": 1}),
        "bytearray class": _Calling(bytearray, 10**12),
        "large array": _Calling(np.ndarray, (10**12,)),
        "large range": range(10**12),
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", _attacks(""))
def test_what_could_do_harm_is_refused_and_not_run(tmp_path, name, protocol):
    mark = tmp_path / "run"
    pickled = pickle.dumps(_attacks(mark)[name], protocol)
    with pytest.raises(
        ValueError, match=r"it names|it uses|not admitted|a key in it|must be one|it calls"
    ):
        read_pickled_values(pickled)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["os.system", "eval", "nested", "inside an array"])
def test_the_harm_is_real(tmp_path, name):
    mark = tmp_path / "run"
    pickle.loads(pickle.dumps(_attacks(mark)[name]))
    assert mark.exists()


def _program(*instructions):
    return b"\x80\x04" + b"".join(instructions) + b"."


def _text(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def _named(module, name):
    return _text(module) + _text(name) + b"\x93"


_NDARRAY = _named("numpy", "ndarray")
_RECONSTRUCT = _named("numpy._core.multiarray", "_reconstruct")
_EMPTY_ARRAY = _RECONSTRUCT + _NDARRAY + b"K\x00\x85C\x01b\x87R"
_FLOATS = _named("numpy", "dtype") + _text("f4") + b"\x89\x88\x87R"
_OBJECTS = _named("numpy", "dtype") + _text("O8") + b"\x89\x88\x87R"


@pytest.mark.parametrize(
    "instructions",
    [
        (_named("os", "system"), _text("true"), b"\x85R"),
        (b"cos\nsystem\n", _text("true"), b"\x85R"),  # GLOBAL
        (b"(" + _text("true") + b"ios\nsystem\n",),  # INST
        (b"(", _NDARRAY, b"o"),  # OBJ
        (_NDARRAY, b")\x81"),  # NEWOBJ
        (_NDARRAY, b")}\x92"),  # NEWOBJ_EX
        (_text("id"), b"Q"),  # BINPERSID
        (b"Pid\n",),  # PERSID
        (b"\x82\x01",),  # EXT1
        (b"\x97",),  # NEXT_BUFFER
        (_named("numpy", "ndarray.tofile"),),
        (_named("numpy._core.multiarray", "fromfile"),),
        (_named("numpy.core", "multiarray._reconstruct"),),
        (_NDARRAY, b"K\x05\x85\x85R"),  # an array without content, of any size
        (_RECONSTRUCT, b"}b"),  # attributes of a name
        (_RECONSTRUCT, _RECONSTRUCT, b"K\x00\x85C\x01b\x87R"),
        (_RECONSTRUCT, _NDARRAY, b"J\xff\xff\xff\x7f\x85C\x01b\x87R"),
        (_EMPTY_ARRAY, b"}b"),
        (_EMPTY_ARRAY, b"(K\x01K\x09\x85", _FLOATS, b"\x89C\x04abcdtb"),  # 9 numbers in 4 bytes
        (_EMPTY_ARRAY, b"(K\x01J\xff\xff\xff\xff\x85", _FLOATS, b"\x89C\x04abcdtb"),  # -1 numbers
        (_EMPTY_ARRAY, b"(K\x01K\x01\x85", _OBJECTS, b"\x89C\x08abcdefghtb"),  # pointers!
        (_EMPTY_ARRAY, b"(K\x01K\x01\x85", _FLOATS, b"\x89]tb"),
        (_EMPTY_ARRAY, b"(K\x01K\x05\x85", _OBJECTS, b"\x89]tb"),
        (_named("numpy._core.multiarray", "scalar"), _OBJECTS, b"C\x08abcdefgh\x86R"),
        (_named("numpy._core.multiarray", "scalar"), _OBJECTS, _NDARRAY, b"\x86R"),
        (_FLOATS, b"(K\x03", _text("<"), b"N}NJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"),
        (_FLOATS, b"}b"),
        (_named("numpy", "dtype"), _text("f4,O"), b"\x89\x88\x87R", b"K\x01\x86R"),
        (b"}", b")K\x01s"),  # a tuple as a key
        (b"}", b"\x8a\x09" + b"\xff" * 8 + b"\x01K\x01s"),  # a chosen large number as a key
        (_text("text"), b"K\x01a"),
        (_text("text"), _text("called"), b"\x85R"),
        (b"h\x05",),
        (b"R",),
        (b"b",),
        (b"s",),
        (b"t",),
        (b"",),
        (b"K\x01K\x02",),
        (b"\x80\x09K\x01",),
        (b"I01\n",),  # texts of protocol 0
    ],
    ids=repr,
)
def test_programs_that_no_honest_pickle_has_are_refused(instructions):
    with pytest.raises(ValueError, match=r"."):
        read_pickled_values(_program(*instructions))


def test_what_a_program_registered_is_not_admitted_either():
    """Python's unpickler takes what is registered and was used before, and asks nobody."""
    copyreg.add_extension("os", "getpid", 240)
    try:
        program = _program(b"\x82\xf0)R")
        assert pickle.loads(program) == os.getpid()
        with pytest.raises(ValueError, match="EXT1"):
            read_pickled_values(program)
    finally:
        copyreg.remove_extension("os", "getpid", 240)


@pytest.mark.parametrize(
    "bomb",
    [
        _program(b"K\x01r\xff\xff\xff\x7f"),  # a place in the memo far away
        _program(b"\x8e" + struct.pack("<Q", 2**40) + b"x"),  # bytes that are not there
        _program(b"\x8d" + struct.pack("<Q", 2**40) + b"x"),  # text that is not there
        _program(b"\x96" + struct.pack("<Q", 2**40) + b"x"),  # a bytearray that is not there
        _program(b"\x95" + struct.pack("<Q", 2**60) + b"K\x01"),  # a frame that is not there
        _program(b"]\x94" + b"(" + b"h\x00" * 3000 + b"t"),  # one list, many times
    ],
    ids=["memo", "bytes", "text", "bytearray", "frame", "references"],
)
def test_bombs_take_no_memory(bomb):
    tracemalloc.start()
    try:
        read_pickled_values(bomb)
    except ValueError:
        pass
    finally:
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak_bytes < 2**20


def test_tuples_in_tuples_as_a_key_would_take_for_ever():
    tuples = b")" + b"".join(b"\x94h" + bytes([n]) + b"\x86" for n in range(60))
    with pytest.raises(ValueError, match="a key in it is a tuple"):
        read_pickled_values(_program(b"}", tuples, b"K\x01s"))


def test_a_pickle_cut_off_or_changed_anywhere_is_read_or_refused():
    whole = pickle.dumps(np.array(_nlst(1, 2), dtype=object))
    for place in range(len(whole)):
        with pytest.raises(ValueError, match=r"."):
            read_pickled_values(whole[:place])
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(whole)
            changed[place] ^= flip
            try:
                read_pickled_values(bytes(changed))
            except ValueError:
                continue


def test_only_names_that_build_arrays_are_admitted():
    assert set(ADMITTED) == {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.numeric", "_frombuffer"),
    }


def test_the_reader_never_imports_what_a_pickle_names(monkeypatch):
    monkeypatch.setattr("builtins.__import__", lambda *names: pytest.fail(f"imports {names}"))
    with pytest.raises(ValueError, match=r"it names `antigravity\.fly`"):
        read_pickled_values(_program(_named("antigravity", "fly")))


def test_the_programs_above_are_written_as_python_reads_them():
    content = b"(K\x01K\x01\x85" + _FLOATS + b"\x89C\x04\x00\x00\x80?tb"
    program = _program(_EMPTY_ARRAY, content)
    assert pickle.loads(program).tolist() == read_pickled_values(program).tolist() == [1.0]
