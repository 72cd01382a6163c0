from dataclasses import replace
from html.parser import HTMLParser

import pandas
import pytest
from music21 import corpus, note, stream

from music21_kdic import CLASSES


@pytest.fixture(scope='module')
def tenor():
    return corpus.parse('bwv66.6').parts['Tenor'].instrumentLikelihood()


class Cells(HTMLParser):
    """The text of each cell, row by row."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def handle_starttag(self, tag, attrs):
        if tag == 'tr':
            self.rows.append([])
        elif tag in ('td', 'th'):
            self.rows[-1].append('')

    def handle_data(self, data):
        self.rows[-1][-1] += data


def table_of(answer):
    cells = Cells()
    cells.feed(answer._repr_html_())
    return pandas.DataFrame(cells.rows[1:], columns=cells.rows[0])


@pytest.mark.parametrize(('sure', 'said'), [(True, 'yes'), (False, 'no')])
def test_a_row_says_what_the_answer_says(tenor, sure, said):
    table = table_of(replace(tenor, sure=sure, status='ok'))
    assert list(table) == ['part', 'best', 'sure', *CLASSES, 'windows']
    (row,) = table.to_dict('records')
    assert (row['part'], row['best'], row['sure']) == ('Tenor', tenor.ranked()[0][0], said)
    assert [row[name] for name in CLASSES] == [f'{tenor[name]:.2f}' for name in CLASSES]
    assert row['windows'] == str(len(tenor.matrix))


def test_without_a_class_the_table_says_why():
    (row,) = table_of(stream.Part().instrumentLikelihood()).to_dict('records')
    assert (row['best'], row['sure']) == ('empty', 'no')


def test_a_name_cannot_break_the_table():
    part = stream.Part([note.Note(), note.Note()])
    part.partName = '<script>alert(1)</script>'
    answer = part.instrumentLikelihood()
    assert '<script>' not in answer._repr_html_()
    assert table_of(answer)['part'].tolist() == ['<script>alert(1)</script>']
