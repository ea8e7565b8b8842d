"""Run a network whose code is not ours: hand it windows as it wants them, take what is asked for.

Whatever it does that its recipe does not say is an error in one line.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmfeat.encoders.networks.foreign_input import NetworkInput, NetworkOutput
from mmfeat.encoders.networks.network import is_out_of_memory
from mmfeat.errors import EncoderError, MmfeatError, one_line

_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class ForeignNetwork(nn.Module):
    """Give one vector for each window, by a program or module of somebody else's.

    Shape:
        - Input: ``(windows, channels, ...)``. Output: ``(windows, output.size)``.

    Args:
        program: It is called under inference mode, and already on the device of the windows.
        name: Begins every message: the file or folder that it is from.
        given: How it takes windows.
        used: What of its output is used.
    """

    def __init__(
        self, program: nn.Module, name: str, *, given: NetworkInput, used: NetworkOutput
    ) -> None:
        super().__init__()
        self.program = program
        self._name = name
        self._given = given
        self._used = used
        self._call = program if given.method is None else self._method(given.method)

    def train(self, mode: bool = True) -> "ForeignNetwork":  # noqa: ARG002 - torch's signature
        """Leave the program in the mode in which it was loaded; exported ones know no other."""
        return self

    def forward(self, windows: Tensor) -> Tensor:
        """Return one feature for each window."""
        wanted = self._given.batch
        if wanted is None:
            return self._features(windows)
        parts = []
        for start in range(0, len(windows), wanted):
            part = windows[start : start + wanted]
            missing = torch.zeros_like(part[:1]).expand(wanted - len(part), *part.shape[1:])
            parts.append(self._features(torch.cat([part, missing]))[: len(part)])
        return torch.cat(parts)

    def _method(self, name: str) -> Any:  # noqa: ANN401 - a method of anything
        method = getattr(self.program, name, None)
        if method is None:
            raise EncoderError(
                f"{self._name}: has no method `{name}`; correct `input.method` of the recipe file"
            )
        return method

    def _features(self, windows: Tensor) -> Tensor:
        taken, used = self._taken(self._output(self._arranged(windows))), self._used
        fits = taken.ndim == 2 if used.shape == "vector" else taken.ndim >= 3
        axis = 1 if used.shape == "map" else -1
        if not (fits and len(taken) == len(windows) and taken.shape[axis] == used.size):
            raise EncoderError(
                f"{self._name}: its output is ({_times(taken.shape)}) for {len(windows)} windows, "
                f"and its recipe file says a {used.shape} of size {used.size}; correct `output`"
            )
        return self._reduced(taken).float()

    def _arranged(self, windows: Tensor) -> Any:  # noqa: ANN401 - whatever the network takes
        ours = "BCDHW" if windows.ndim == 5 else "BCHW"
        layout = self._given.layout
        if "C" not in layout:
            windows, ours = windows[:, 0], ours.replace("C", "")
        arranged = windows.permute([ours.index(axis) for axis in layout])
        given = arranged.contiguous().to(_DTYPES[self._given.dtype])
        key = self._given.dictionary_key
        return given if key is None else {key: given}

    def _output(self, given: Any) -> Any:  # noqa: ANN401 - whatever the network takes and gives
        try:
            if self._given.argument is None:
                return self._call(given)
            return self._call(**{self._given.argument: given})
        except Exception as error:
            if isinstance(error, MmfeatError) or is_out_of_memory(error):
                raise
            raise EncoderError(
                f"{self._name}: fails on windows of {_shape_of(given)} ({type(error).__name__}: "
                f"{one_line(error)}); correct `prepare` or `input` of its recipe file"
            ) from error

    def _taken(self, output: Any) -> Tensor:  # noqa: ANN401 - whatever the network gives
        for step in self._used.take:
            output = self._stepped(output, step)
        if not torch.is_tensor(output) or not output.is_floating_point():
            kind = f"of {output.dtype}" if torch.is_tensor(output) else f"a {_kind_of(output)}"
            raise EncoderError(
                f"{self._name}: its output is {kind}, not a tensor of floating-point numbers; say "
                "in `output.take` of its recipe file where that is"
            )
        taken: Tensor = output
        return taken

    def _stepped(self, output: Any, step: str | int) -> Any:  # noqa: ANN401 - as above
        try:
            if isinstance(step, int) or isinstance(output, Mapping):
                return output[step]
            return getattr(output, step)
        except (LookupError, AttributeError, TypeError) as error:
            raise EncoderError(
                f"{self._name}: `{step}` of `output.take` is not in its output, a "
                f"{_kind_of(output)}; correct the recipe file"
            ) from error

    def _reduced(self, taken: Tensor) -> Tensor:
        used = self._used
        if used.shape == "vector":
            return taken
        tokens = taken.flatten(2).mT if used.shape == "map" else taken.flatten(1, -2)
        tokens = tokens[:, used.skip :]  # (windows, tokens, size)
        if tokens.shape[1] == 0:
            raise EncoderError(
                f"{self._name}: gives no token after the first {used.skip}; correct `output.skip`"
            )
        match used.reduce:
            case "first":
                return tokens[:, 0]
            case "max":
                return tokens.amax(dim=1)
            case _:
                return tokens.mean(dim=1)


def _times(shape: torch.Size) -> str:
    return " x ".join(map(str, shape))


def _shape_of(given: Any) -> str:  # noqa: ANN401 - a tensor, or one in a dictionary
    tensor = next(iter(given.values())) if isinstance(given, dict) else given
    return f"{_times(tensor.shape)}, {str(tensor.dtype).removeprefix('torch.')}"


def _kind_of(output: Any) -> str:  # noqa: ANN401 - anything
    if isinstance(output, Mapping):
        return f"{type(output).__name__} with {', '.join(map(str, output))}"
    if isinstance(output, tuple | list):
        return f"{type(output).__name__} of {len(output)}"
    return type(output).__name__
