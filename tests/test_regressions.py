"""Files over which a promise was once broken, as they were; see tests/regressions/make.py."""

import pytest

from music21_kdic import label
from tests.regressions.make import HERE, REGRESSIONS


def test_the_files_are_those_that_the_script_makes():
    assert {path.name for path in HERE.iterdir() if path.suffix != '.py' and path.is_file()} == {*REGRESSIONS}
    for name, regression in REGRESSIONS.items():
        assert (HERE / name).read_bytes() == regression.content


@pytest.mark.parametrize('name', REGRESSIONS)
def test_each_ends_with_rows_and_no_promise_is_broken_again(name):
    wanted = REGRESSIONS[name]
    rows = label(HERE / name, jobs=1, timeout=600.0)
    assert [row['status'] for row in rows] == [*wanted.statuses]
    assert all(row['error'].startswith(wanted.error) for row in rows)
