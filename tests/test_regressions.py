"""Files over which a promise was once broken, as they were; see tests/regressions/make.py."""

import pytest

from music21_kdic import label
from music21_kdic.statuses import Status
from tests.regressions.make import HERE, REGRESSIONS


def test_the_files_are_those_that_the_script_makes():
    assert {path.name for path in HERE.iterdir() if path.suffix != '.py' and path.is_file()} == {*REGRESSIONS}
    for name, regression in REGRESSIONS.items():
        assert (HERE / name).read_bytes() == regression.content


@pytest.mark.parametrize('name', REGRESSIONS)
def test_each_ends_with_a_row_and_no_promise_is_broken_again(name):
    wanted = REGRESSIONS[name]
    rows = label(HERE / name, jobs=1, timeout=5.0 if wanted.status == Status.TIMEOUT else 600.0)
    if wanted.status == Status.TIMEOUT and rows.failed == 0:
        # On a machine, or with a music21, that is quicker.
        assert {row['status'] for row in rows} <= {Status.OK, Status.UNCLEAR, Status.TOO_SHORT}
        return
    assert [row['status'] for row in rows] == [wanted.status]
    assert rows[0]['error'].startswith(wanted.error)
