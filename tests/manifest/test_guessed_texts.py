import pytest

from mmfeat.manifest.guessed_inputs import reason_to_leave_out, type_of
from mmfeat.manifest.guessed_texts import guess_text

REMARKS = [f"ex smoker since {1980 + n}, {n} pack years, no asbestos" for n in range(40)]


def test_remarks_of_several_words_are_text_with_a_question(profile):
    remarks = profile("smoking", REMARKS)
    assert reason_to_leave_out(remarks) is None
    guess = type_of(remarks)
    assert guess.value == {"type": "text"}
    assert guess.doubtful
    assert guess.reason.startswith("free text of 7 words, 40 different in 40 rows; are there no")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("smoking", REMARKS[:9]),  # too few to say
        ("smoking", [REMARKS[n % 10] for n in range(40)]),  # a list of choices
        ("who", [f"Anna Maria Huber {n}" for n in range(40)]),  # three words
        ("patient_address", REMARKS),
        ("referring_physician", REMARKS),
        ("file", [f"/a/b/c/d/e/{n}.nii.gz" for n in range(40)]),
        ("code", [f"A{n} B{n} C{n} D{n} E{n}" for n in range(40)]),
    ],
)
def test_names_choices_and_codes_are_no_text(profile, name, cells):
    assert guess_text(profile(name, cells)) is None
