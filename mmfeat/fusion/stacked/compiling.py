"""What can go wrong when torch's compiler merges the operations of a step."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mmfeat.errors import TrainError, one_line


@contextmanager
def compiler_errors() -> Iterator[None]:
    """Turn an error of the compiler into a line that says how to do without it.

    Raises:
        TrainError: There is no C compiler, no Triton, or something that it cannot compile.
    """
    try:
        yield
    except RuntimeError as error:
        # Loading its errors takes seconds; where nothing was compiled they are not there.
        known = sys.modules.get("torch._dynamo.exc")
        if known is None or not isinstance(error, known.TorchDynamoException):
            raise
        raise TrainError(
            f"torch's compiler failed ({one_line(error)}); set `train.compile: false`, which gives "
            "the same numbers"
        ) from error
