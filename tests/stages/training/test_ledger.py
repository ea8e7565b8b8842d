from mmfeat.progress import Silent
from mmfeat.stages.training.head_order import HeadResult
from mmfeat.stages.training.ledger import Ledger, NobodyWatches
from mmfeat.stages.training.plan import HeadKey


def _ledger(n_heads=10):
    return Ledger(Silent(), NobodyWatches(), n_heads)


def _key(seed):
    return HeadKey("cancer", "paper", 0, seed)


def test_nothing_is_guessed_before_the_first_head_is_begun():
    assert _ledger().seconds_left() == 0


def test_before_the_first_head_is_finished_each_is_taken_to_need_the_time_that_has_gone():
    ledger = _ledger()
    ledger.begin()
    first = ledger.seconds_left()
    assert 0 <= first < ledger.seconds_left()


def test_what_is_left_is_guessed_from_the_heads_that_were_trained_now():
    ledger = _ledger()
    ledger.there_already(_key(0), 0.5)
    ledger.begin()
    ledger.end(HeadResult(_key(1), 3.0, 0.4))
    ledger.end(HeadResult(_key(2), 1.0, failure="nan"))
    assert ledger.seconds_left() == (10 - 3) * 2.0
    assert ledger.n_finished == 2
    assert [one.key.seed for one in ledger.failed] == [2]
