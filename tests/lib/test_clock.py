"""The clock: one instant a request, forward only, and no travel outside a rehearsal."""

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from award_portal.lib import clock
from award_portal.lib.clock import TravelRefused

FRIDAY = clock.at(date(2026, 9, 18), 23, 59)


@pytest.fixture(autouse=True)
def may_freeze(settings):
    settings.CLOCK_MAY_TRAVEL = True


@pytest.fixture
def rehearsal(settings, tmp_path):
    settings.REHEARSAL = True
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def no_rehearsal(settings, tmp_path):
    settings.REHEARSAL = False
    settings.CLOCK_MAY_TRAVEL = False
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_now_is_aware_and_in_shanghai():
    with clock.frozen(datetime(2026, 9, 18, 16, 30, tzinfo=UTC)):
        assert clock.now().isoformat() == "2026-09-19T00:30:00+08:00"
        assert clock.today() == date(2026, 9, 19)


def test_the_end_of_a_day_is_the_start_of_the_next():
    assert clock.at(date(2026, 12, 31), 24) == clock.day_start(date(2027, 1, 1)) == clock.at(date(2027, 1, 1))
    assert clock.day_start(date(2027, 1, 1)) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_request_sees_one_instant_though_time_goes_on():
    with clock.frozen(FRIDAY) as time:
        with clock.one_instant() as instant:
            time.travel_to(FRIDAY + timedelta(minutes=2))
            assert clock.now() == instant == FRIDAY
            with clock.one_instant() as nested:
                assert nested == FRIDAY
            assert clock.now() == FRIDAY
        assert clock.now() == FRIDAY + timedelta(minutes=2)


def test_real_time_goes_on_outside_one_instant(no_rehearsal):
    with clock.one_instant() as instant:
        while clock.recorded_now() <= instant:
            pass
        assert clock.now() == instant
    assert clock.now() > instant


def test_one_instant_is_of_its_own_thread():
    seen = []
    with clock.frozen(FRIDAY) as time, clock.one_instant():
        time.travel_to(FRIDAY + timedelta(days=1))
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        assert clock.now() == FRIDAY
    assert seen == [FRIDAY + timedelta(days=1)]


def test_a_frozen_clock_goes_forward_only():
    with clock.frozen(FRIDAY) as time:
        with pytest.raises(TravelRefused, match="只能向前"):
            time.travel_to(FRIDAY - timedelta(seconds=1))
        assert clock.now() == FRIDAY
        assert time.travel_to(FRIDAY + timedelta(days=3)) == clock.now()


def test_a_naive_instant_is_not_an_instant():
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 9, 18)):
        pass


def test_travel_is_refused_outside_a_rehearsal(no_rehearsal):
    with pytest.raises(TravelRefused, match="不是演练环境"):
        clock.travel_to(clock.now() + timedelta(days=1))
    with pytest.raises(TravelRefused, match="不是演练环境"), clock.frozen(FRIDAY):
        pass
    assert list(no_rehearsal.iterdir()) == []


def test_a_rehearsal_file_left_behind_moves_nothing_outside_a_rehearsal(rehearsal, settings):
    clock.travel_to(clock.recorded_now() + timedelta(days=400))
    settings.REHEARSAL = False
    assert clock.now() - clock.recorded_now() < timedelta(seconds=1)


def test_a_rehearsal_travels_and_goes_on_ticking(rehearsal):
    future = clock.recorded_now() + timedelta(days=400)
    clock.travel_to(future)
    first = clock.now()
    assert timedelta(0) <= first - future < timedelta(seconds=5)
    while clock.now() == first:
        pass
    assert clock.now() > first
    assert clock.is_travelled()
    assert clock.recorded_now() < future


def test_a_rehearsal_does_not_go_back(rehearsal):
    future = clock.recorded_now() + timedelta(days=400)
    clock.travel_to(future)
    with pytest.raises(TravelRefused, match="只能向前"):
        clock.travel_to(future - timedelta(days=1))
    assert clock.now() >= future


def test_a_rehearsal_is_not_taken_back_by_a_wall_clock_set_back(rehearsal):
    future = clock.recorded_now() + timedelta(days=400)
    later = clock.recorded_now() + timedelta(hours=3)
    (rehearsal / clock.REHEARSAL_FILE).write_text(
        f'{{"instant": "{future.isoformat()}", "travelled_at": "{later.isoformat()}"}}'
    )
    assert clock.now() == future


def test_the_travelling_request_itself_lives_on_at_the_new_instant(rehearsal):
    future = clock.recorded_now() + timedelta(days=400)
    with clock.one_instant() as before:
        clock.travel_to(future)
        assert clock.now() == future > before
        with clock.one_instant() as nested:
            assert nested == future
    assert clock.now() >= future


def test_another_process_sees_the_travelled_instant(rehearsal):
    future = clock.recorded_now() + timedelta(days=400)
    clock.travel_to(future)
    program = (
        "from django.conf import settings\n"
        f"settings.configure(REHEARSAL=True, VAR_DIR={str(rehearsal)!r})\n"
        "from award_portal.lib import clock\n"
        "print(clock.now().isoformat())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert future <= datetime.fromisoformat(said) < future + timedelta(minutes=1)


def test_travel_inside_a_frozen_clock_leaves_no_file(rehearsal):
    with clock.frozen(FRIDAY):
        clock.travel_to(FRIDAY + timedelta(days=1))
        assert clock.now() == FRIDAY + timedelta(days=1)
    assert list(rehearsal.iterdir()) == []
