"""Projected times, worked out by hand."""

import pytest

from mmfeat.stages.doctor.projection import Projection, Rates, Row, project

RATES = Rates(reading_s=6.0, model_s=1.5, n_sample=5, fastest_reading_s=4.0, slowest_reading_s=9.0)
N_SCANS = 2400


def rows(projection: Projection) -> dict[int, Row]:
    return {row.devices: row for row in projection.rows}


def test_with_gpus_the_slower_of_reading_and_device_is_the_time():
    # Reading: 2400 x 6 s on 8 threads = 1800 s. Device: 2400 x 1.5 s = 3600 s on one, 900 s on 4.
    found = rows(project(N_SCANS, RATES, reading_threads=8, on_cpu=False, devices=(1, 2, 4)))
    assert found[1] == Row(1, 1.0, "device", 4)
    assert found[2] == Row(2, 0.5, "device", 8)  # just as long as reading
    assert found[4] == Row(4, 0.5, "reading", 16)


def test_on_a_cpu_both_add_up_and_machines_divide_it():
    # 1800 s of reading and 3600 s of the network: 1.5 h on one machine, half an hour on three.
    found = rows(project(N_SCANS, RATES, reading_threads=8, on_cpu=True, devices=(1, 3)))
    assert found[1] == Row(1, 1.5, "cores", None)
    assert found[3] == Row(3, 0.5, "cores", None)


def test_cores_are_whole():
    rates = Rates(1.0, 0.4, 1, 1.0, 1.0)
    (row,) = project(1, rates, reading_threads=1, on_cpu=False, devices=(1,)).rows
    assert row.cores_needed == 3


def test_without_a_network_no_device_waits():
    rates = Rates(2.0, 0.0, 1, 2.0, 2.0)
    (row,) = project(3600, rates, reading_threads=2, on_cpu=False, devices=(4,)).rows
    assert row == Row(4, 1.0, "reading", None)


def test_nothing_to_do_takes_no_time():
    found = project(0, RATES, reading_threads=8, on_cpu=False)
    assert [row.hours for row in found.rows] == [0.0] * 4


def test_rates_are_means_and_the_network_goes_with_the_windows():
    rates = Rates.of([2.0, 4.0, 9.0], [10, 20, 60], model_s_per_byte=0.1)
    assert rates == Rates(5.0, 3.0, 3, 2.0, 9.0)


def test_as_json_it_is_plain_values():
    found = project(N_SCANS, RATES, reading_threads=8, on_cpu=False, devices=(1,)).to_json()
    assert found["rows"] == [{"devices": 1, "hours": 1.0, "limit": "device", "cores_needed": 4}]
    assert found["rates"]["slowest_reading_s"] == pytest.approx(9.0)
