from pathlib import Path

import pytest

from mmfeat.cache.damage import refuse_damaged, torn
from mmfeat.errors import CacheError


def test_a_torn_shard_is_to_be_deleted():
    error = torn(Path("c/shard-1.h5"), "it is short")
    assert str(error) == (
        "c/shard-1.h5: is torn or damaged (it is short); delete this file and run `mmfeat "
        "extract`, which embeds only the cases that were in it"
    )


def test_damaged_cases_are_named_and_more_than_five_not_all():
    refuse_damaged(Path("c/shard-1.h5"), "tokens", [])
    with pytest.raises(CacheError, match=r"c/shard-1\.h5: the tokens of a, b are damaged; delete"):
        refuse_damaged(Path("c/shard-1.h5"), "tokens", ["a", "b"])
    with pytest.raises(CacheError, match=r"the features of a, b, c, d, e, \.\.\. are damaged"):
        refuse_damaged(Path("c/shard-1.h5"), "features", list("abcdef"))
