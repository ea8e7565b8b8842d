import numpy as np

from mmfeat.record_encoders.context_table import Context, table_of

from .small_records import inputs_of, small_records

NAN = np.nan


def test_numbers_keep_their_gaps_and_categories_their_codes():
    inputs = inputs_of(small_records(20), np.arange(15))
    table = table_of(inputs)
    assert table.shape == (20, 4)
    assert table.dtype == np.float32
    np.testing.assert_array_equal(table[:, :3], inputs.numbers)
    np.testing.assert_array_equal(table[:, 3], inputs.categories[:, 0])


def test_a_column_varies_when_two_known_values_differ():
    table = np.array([[1, NAN, 2, NAN], [1, NAN, NAN, 3], [1, NAN, 5, NAN]], np.float32)
    context = Context(table, np.zeros(3, np.float32))
    assert context.varying.tolist() == [False, False, True, False]
    assert context.means.tolist() == [1, 0, 3.5, 3]
