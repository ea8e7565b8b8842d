"""One random set of modalities for each case and step, in a fixed number of operations."""

from jaxtyping import Bool
from torch import Tensor

from mmfeat.fusion.stacked.counters import SETS, StepRandom


def drawn(
    visible: Bool[Tensor, "heads views batch modalities"], random: StepRandom
) -> Bool[Tensor, "heads views batch modalities"]:
    """Draw a non-empty set of each case's visible modalities, all sets alike likely.

    With ``n`` modalities visible, a number from 1 to ``2**n - 1`` is drawn, whose bits say which of
    them are kept.
    """
    heads, views, batch, _ = visible.shape
    words = random.draw(SETS, views * batch).view(heads, views, batch)
    n_sets = (1 << visible.sum(-1)) - 1
    number = (words & (2**62 - 1)) % n_sets.clamp(min=1) + 1
    bit = (visible.cumsum(-1) - 1).clamp(min=0)
    return visible & ((number[..., None] >> bit) & 1).bool()
