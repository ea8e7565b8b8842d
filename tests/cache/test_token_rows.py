"""Tokens on their way into a shard are counted, digested, and given in order."""

import hashlib

import numpy as np
import pytest

from mmfeat.cache.token_rows import TokenRows, content_of_tokens, keeps_tokens, token_digest

ONE, TWO = np.ones((1, 2), np.float32), np.arange(4, dtype=np.float32).reshape(2, 2)


def test_a_recipe_with_a_rule_for_tokens_keeps_them():
    assert keeps_tokens({"encoder": "mean", "tokens": {"max_tokens": 4}})
    assert not keeps_tokens({"encoder": "mean"})
    assert not keeps_tokens({"encoder": "mean", "exported_from": {"recipe": {"tokens": {}}}})


def test_arrays_are_counted_and_digested_and_come_again_each_time():
    rows = TokenRows.of_arrays([TWO, ONE])
    assert rows.counts.tolist() == [2, 1]
    assert rows.offsets.tolist() == [0, 2, 3]
    assert rows.width == 2
    assert rows.digests == [hashlib.sha256(array.tobytes()).digest() for array in (TWO, ONE)]
    for _ in range(2):
        np.testing.assert_array_equal(np.concatenate(list(rows.pieces())), [*TWO, *ONE])


def test_a_digest_is_of_the_numbers_however_they_lie_in_memory():
    assert token_digest(np.asfortranarray(TWO)) == token_digest(TWO)
    assert token_digest(TWO.astype(">f4")) == token_digest(TWO)
    assert token_digest(TWO.T) != token_digest(TWO)


@pytest.mark.parametrize("arrays", [[TWO, TWO[:, :1]], [TWO, TWO[:0]], [TWO[0]], [TWO, TWO[:, :0]]])
def test_rows_without_tokens_or_of_other_widths_are_a_mistake(arrays):
    with pytest.raises(ValueError, match="must be rows x one width, at least one row, got"):
        TokenRows.of_arrays(arrays)


def test_the_content_depends_on_the_numbers_their_order_and_whose_they_are():
    by_hand = hashlib.sha256()
    for array in (TWO, ONE):
        by_hand.update(len(array).to_bytes(8, "little") + hashlib.sha256(array.tobytes()).digest())
    found = content_of_tokens(TokenRows.of_arrays([TWO, ONE]))
    assert found == by_hand.hexdigest()
    others = [[ONE, TWO], [TWO[:1], np.concatenate([TWO[1:], ONE])], [TWO + 1, ONE]]
    assert found not in {content_of_tokens(TokenRows.of_arrays(arrays)) for arrays in others}
