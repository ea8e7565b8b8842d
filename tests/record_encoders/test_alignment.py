import numpy as np

from mmfeat.record_encoders.alignment import align


def _align(*embeddings):
    return align(embeddings, [np.ones(len(one), dtype=bool) for one in embeddings])


def test_a_turned_and_scaled_copy_is_turned_back():
    random = np.random.default_rng(0)
    first = random.normal(size=(2000, 4)).astype(np.float32)
    turn = np.linalg.qr(random.normal(size=(4, 4)))[0]
    second = (5 * first @ turn + 3).astype(np.float32)
    spaces = _align(first, second)
    np.testing.assert_allclose(spaces[1].map(second), spaces[0].map(first), atol=0.35)
    assert np.corrcoef(spaces[1].map(second).ravel(), spaces[0].map(first).ravel())[0, 1] > 0.999


def test_the_first_space_is_only_standardised():
    values = np.random.default_rng(0).normal(3, 2, size=(50, 2)).astype(np.float32)
    (space,) = _align(values)
    mapped = space.map(values)
    np.testing.assert_allclose(mapped.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(mapped.std(axis=0), 1, atol=1e-6)


def test_what_the_first_does_not_hold_is_not_kept():
    random = np.random.default_rng(0)
    first, other = (random.normal(size=(500, 3)).astype(np.float32) for _ in range(2))
    assert np.abs(_align(first, other)[1].map(other)).max() < 1.0


def test_cases_that_a_network_has_not_seen_do_not_shape_its_map():
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(80, 3)).astype(np.float32) for _ in range(2))
    seen = np.arange(80) < 60
    shuffled = np.concatenate([first[:60], random.permutation(first[60:])])  # of the same moments
    before, after = (align([one, second], [seen, seen])[1].matrix for one in (first, shuffled))
    np.testing.assert_allclose(after, before, atol=1e-6)
