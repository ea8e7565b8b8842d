"""Failures of one kind are one group, whatever the scan, and others are not."""

import json

import pytest

from mmfeat.stages.extraction.reason_groups import group_reasons, kind_of


def test_reasons_that_differ_only_by_path_and_numbers_are_one_group():
    groups = group_reasons(
        [
            ("a", "/x/a.nii", "/x/a.nii: 3 of 60 slices are missing"),
            ("b", "/x/b.nii", "/x/b.nii: the file is empty"),
            ("c", "/y 1/c.nii", "/y 1/c.nii: 17 of 60 slices are missing"),
        ]
    )
    assert [(group.reason, group.n_cases, group.cases) for group in groups] == [
        ("# of # slices are missing", 2, ("a", "c")),
        ("the file is empty", 1, ("b",)),
    ]
    assert groups[0].example == "3 of 60 slices are missing"
    assert json.loads(json.dumps(groups[0].to_json()))["cases"] == ["a", "c"]


def test_a_large_group_names_its_first_cases():
    (group,) = group_reasons((f"case-{n}", f"{n}.nii", "is torn") for n in range(50))
    assert (group.n_cases, group.cases) == (50, ("case-0", "case-1", "case-2"))


def test_rejections_are_grouped_by_their_codes_and_not_by_what_was_measured():
    noisy = "rejected: noisy: {} HU of noise; {}"
    groups = group_reasons(
        [
            ("a", "/a", noisy.format(80, "metal: much of it")),
            ("b", "/b", noisy.format(95.5, "metal: some of it; not: a code")),
            ("c", "/c", "rejected: noisy: 80 HU of noise"),
        ]
    )
    assert [(group.reason, group.cases) for group in groups] == [
        ("rejected: noisy: # HU of noise; metal: much of it", ("a", "b")),
        ("rejected: noisy: # HU of noise", ("c",)),
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("/s: IM-001.dcm: truncated at 2048 bytes", "...: truncated at # bytes"),
        ("/s: slice IM12.dcm is shifted by 1.50 mm", "slice ... is shifted by # mm"),
        ("/s: series 1.2.840.113619.2 has no slices", "series # has no slices"),
        ("/s: unknown unit 'furlong'", "unknown unit '...'"),
        ("/s: ValueError: bad uint16 at -3.5e-7", "ValueError: bad uint16 at #"),
        ("/s: No such file: '/data/x 1'", "No such file: '...'"),
        ("/s: copy or convert/mend it", "copy or convert/mend it"),
        ("the digest 0123456789abcdef of /data/x.nii, again", "the digest # of ..., again"),
    ],
)
def test_only_what_differs_from_scan_to_scan_is_taken_out(reason, kind):
    assert kind_of(reason, "/s") == kind
