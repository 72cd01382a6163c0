"""The reader of scores: what music21 is kept from, held against files made by hand."""

import io
import os
import pickle
import struct
import sys
import zipfile

import numpy as np
import pytest
from music21 import converter, environment
from music21.converter import PickleFilter

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.content import MAX_BYTES
from music21_kdic.reading.files import read_parts
from music21_kdic.reading.scores import MAX_MEMBERS, read_score

SCORE = """<score-partwise version="4.0">
 <part-list><score-part id="P1"><part-name>%s</part-name></score-part></part-list>
 <part id="P1"><measure number="1">
  <attributes><divisions>1</divisions></attributes>
  <note><pitch><step>C</step><octave>4</octave></pitch><duration>2</duration></note>
  <note><pitch><step>E</step><octave>4</octave></pitch><duration>2</duration></note>
 </measure></part>
</score-partwise>
"""
PLAIN = SCORE % 'Viola'
DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
LAUGHS = '<!DOCTYPE score-partwise [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + SCORE % '&b;'
MEI = (
    '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
    '<scoreDef><staffGrp><staffDef n="1" label="Viola" lines="5" clef.shape="G" clef.line="2"/></staffGrp></scoreDef>'
    '<section><measure n="1"><staff n="1"><layer n="1"><note pname="c" oct="4" dur="2"/>'
    '<note pname="e" oct="4" dur="2"/></layer></staff></measure></section></score></mdiv></body></music></mei>'
)
ABC = 'X:1\nT:Two\nM:4/4\nL:1/2\nK:C\nC E |]\n'
KRN = '**kern\n*M4/4\n=1\n2c\n2e\n==\n*-\n'


def compressed(*members, method=zipfile.ZIP_DEFLATED):
    there = io.BytesIO()
    with zipfile.ZipFile(there, 'w', method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return there.getvalue()


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('a.musicxml', PLAIN),
        ('a.XML', '<?xml version="1.0"?>' + DOCTYPE + PLAIN),
        ('a.xml', ('<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPE + PLAIN).encode('utf-16')),
        ('a.xml', ('<?xml version="1.0" encoding="ISO-8859-1"?>' + SCORE % 'Flöte').encode('latin-1')),
        ('a.mxl', compressed(('META-INF/container.xml', '<container/>'), ('../../a.xml', PLAIN))),
        ('a.mxl', compressed(('a.musicxml', PLAIN.encode('utf-16')), method=zipfile.ZIP_STORED)),
        ('a.mxl', compressed(('__MACOSX/._a.xml', b'\0\5\x16\7'), ('a.XML', PLAIN))),
        ('not-compressed.mxl', PLAIN),
        ('a.mei', MEI),
        ('a.mei', MEI.encode('utf-16')),
        ('a.abc', ABC),
        ('a.krn', KRN),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else '',
)
def test_every_format_is_read(name, content):
    """The same two half notes in each."""
    (part,) = read_score(content.encode() if isinstance(content, str) else content, name)
    assert part.notes.pitches.tolist() == [60, 64]
    assert (part.notes.ends - part.notes.onsets).tolist() == [2, 2]


@pytest.mark.parametrize('name', ['a.p', 'a.pickle', 'a.p.gz', 'a.capx', 'a.zip', 'a.md', 'a', 'a.xml.txt'])
def test_other_endings_are_refused(name, tmp_path):
    class Exploit:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / 'unpickled'),)

    (tmp_path / name).write_bytes(pickle.dumps(Exploit()))
    with pytest.raises(UnreadableError, match=r"ends in '.*', wanted a MIDI file, or one of .abc, .krn"):
        read_parts(str(tmp_path / name))
    assert not (tmp_path / 'unpickled').exists()


def test_a_pickle_in_the_folder_of_music21_is_not_loaded(tmp_path, monkeypatch):
    """Whoever can write to that folder could otherwise choose the score, or run what they like."""
    path = tmp_path / 'a.musicxml'
    path.write_text(PLAIN)
    scratch = tmp_path / 'scratch'
    scratch.mkdir()
    monkeypatch.setitem(environment.envSingleton()._ref, 'directoryScratch', str(scratch))
    converter.parse(path)
    (stored,) = scratch.iterdir()
    assert stored == PickleFilter(path).getPickleFp(scratch, zipType='gz')
    planted = converter.parse('tinynotation: 4/4 g2 a').write('musicxml', tmp_path / 'planted.xml')
    os.utime(planted, (0, 0))
    converter.parse(planted)
    (other,) = set(scratch.iterdir()) - {stored}
    other.replace(stored)
    assert [p.midi for p in converter.parse(path).pitches] == [67, 69]  # so music21 by itself would be fooled
    (part,) = read_parts(str(path))
    assert part.notes.pitches.tolist() == [60, 64]
    assert list(scratch.iterdir()) == [stored]


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('a.xml', LAUGHS),
        ('a.musicxml', LAUGHS.encode('utf-16')),
        ('a.musicxml', '<?xml version="1.0" encoding="cp1252"?>' + LAUGHS),
        ('a.mxl', compressed(('a.xml', LAUGHS))),
        ('a.mei', '<!DOCTYPE mei [<!ENTITY a "ha">]>' + MEI),
        ('a.mei', ('<!DOCTYPE mei [<!ENTITY a "ha">]>' + MEI).encode('utf-16')),
        # Whatever an MEI file declares, music21 takes it for UTF-8.
        ('a.mei', '<?xml version="1.0" encoding="utf-7"?><!DOCTYPE mei [<!ENTITY a "ha">]>' + MEI),
        ('a.xml', '<!DOCTYPE x [<!ENTITY % a "ha">]>' + PLAIN),
        ('a.xml', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SCORE % '&a;'),
    ],
)
def test_entities_are_refused(name, content):
    with pytest.raises(UnreadableError, match=r'a\.\w+: (declares the entity .a., which no score needs)'):
        read_score(content.encode() if isinstance(content, str) else content, name)


def test_entities_would_be_expanded_by_music21(tmp_path):
    """What there is to refuse."""
    (tmp_path / 'a.xml').write_text(LAUGHS)
    assert converter.parse(tmp_path / 'a.xml', forceSource=True).parts[0].partName == 'hahahaha'


def test_default_values_of_attributes_are_refused():
    content = '<!DOCTYPE x [<!ATTLIST note color CDATA "%s">]>' % ('x' * 1000) + PLAIN
    with pytest.raises(UnreadableError, match=r"gives <note> a default 'color', which no score needs"):
        read_score(content.encode(), 'a.xml')


@pytest.mark.parametrize(
    'content', [b'', b'\xff\xfe', b'<!-- no element -->', b'<a', b'<?xml version="1.0" encoding="x"?>']
)
@pytest.mark.parametrize('name', ['a.xml', 'a.mei', 'a.mxl'])
def test_what_is_no_xml_is_told(name, content):
    with pytest.raises(UnreadableError, match=r'not an XML document|neither UTF-8 nor UTF-16'):
        read_score(content, name)


def test_a_zip_bomb_is_refused():
    bomb = compressed(('a.xml', b' ' * (MAX_BYTES + 1)))
    assert len(bomb) < 100_000
    with pytest.raises(UnreadableError, match=f'unpacks to more than {MAX_BYTES} bytes'):
        read_score(bomb, 'a.mxl')


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    bomb = compressed(('a.xml', b' ' * (MAX_BYTES + 1)))
    lie = bomb.replace(struct.pack('<I', MAX_BYTES + 1), struct.pack('<I', 10))
    assert lie != bomb
    with pytest.raises(UnreadableError, match='it cannot be unpacked'):
        read_score(lie, 'a.mxl')


@pytest.mark.parametrize(
    ('content', 'error'),
    [
        (compressed(*((f'{i}.txt', '') for i in range(MAX_MEMBERS + 1))), 'an archive of 1001 files, at most 1000'),
        (compressed(('a.txt', PLAIN)), 'an archive without a MusicXML file'),
        (compressed(('a.xml', PLAIN), ('b.xml', PLAIN)), 'an archive of 2 scores, none of which its container names'),
        (compressed(('a.mxl', compressed(('a.mxl', compressed(('a.xml', PLAIN)))))), 'not an XML document'),
        (compressed(('a.xml', PLAIN), method=zipfile.ZIP_BZIP2), "'a.xml' inside it is not compressed by deflate"),
        (compressed(('a.xml', PLAIN))[:-30], 'it cannot be unpacked'),
    ],
    ids=['members', 'no-score', 'two-scores', 'nested', 'bzip2', 'truncated'],
)
def test_archives_that_are_refused(content, error):
    with pytest.raises(UnreadableError, match=error):
        read_score(content, 'a.mxl')


def test_an_encrypted_archive_is_refused():
    content = bytearray(compressed(('a.xml', PLAIN)))
    content[6] |= 1
    content[content.index(b'PK\x01\x02') + 8] |= 1
    with pytest.raises(UnreadableError, match=r'inside it is encrypted'):
        read_score(bytes(content), 'a.mxl')


def test_errors_of_music21_are_typed_and_name_the_file():
    with pytest.raises(UnreadableError, match=r'^a.xml: music21 cannot read it \(MusicXMLImportException'):
        read_score(b'<opus/>', 'a.xml')


def test_a_lack_of_memory_is_no_fault_of_the_file(monkeypatch):
    def parse(*_, **__):
        raise MemoryError

    monkeypatch.setattr(converter, 'parse', parse)
    with pytest.raises(MemoryError):
        read_score(PLAIN.encode(), 'a.xml')


def test_recursion_without_end_is_typed(monkeypatch):
    def parse(*words, **options):
        return parse(*words, **options)

    monkeypatch.setattr(converter, 'parse', parse)
    with pytest.raises(UnreadableError, match=r'music21 cannot read it .RecursionError'):
        read_score(PLAIN.encode(), 'a.xml')


def test_no_copy_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    read_score(PLAIN.encode(), 'a.xml')
    with pytest.raises(UnreadableError):
        read_score(b'<score-partwise>', 'a.xml')
    assert list(tmp_path.iterdir()) == []


def container(path, more=''):
    file = f'<rootfile full-path="{path}" media-type="application/vnd.recordare.musicxml+xml"/>'
    return f'<?xml version="1.0"?><container><rootfiles>{more}{file}</rootfiles></container>'


PDF = '<rootfile full-path="a.pdf" media-type="application/pdf"/>'


@pytest.mark.parametrize(
    ('path', 'stored', 'more'),
    [
        ('score.xml', 'score.xml', ''),
        ('score', 'score', ''),
        ('score.dat', 'score.dat', ''),
        ('deep/er/score.musicxml', 'deep/er/score.musicxml', ''),
        ('/score.xml', 'score.xml', ''),
        ('./score.xml', 'score.xml', ''),
        ('my score.xml', 'my score.xml', ''),
        ('my%20score.xml', 'my score.xml', ''),
        (' score.xml', 'score.xml', ''),
        ('deep/../score.xml', 'score.xml', ''),
        ('Score.XML', 'score.xml', ''),
        ('\u00dcbung.xml', 'U\u0308bung.xml', ''),  # as a Mac writes it
        ('score.xml', 'score.xml', PDF),
        ('gone.xml', 'another.xml', ''),  # it names nothing: the only one by its ending
    ],
)
@pytest.mark.parametrize('last', [True, False])
def test_the_container_names_the_score(path, stored, more, last):
    members = [('META-INF/container.xml', container(path, more)), ('a.pdf', '%PDF'), (stored, PLAIN)]
    if stored != 'another.xml':
        members.insert(1, ('other.xml', SCORE % 'Flute'))
    (part,) = read_score(compressed(*(members if last else members[::-1])), 'a.mxl')
    assert part.name == 'Viola'


def test_entities_of_a_container_are_refused():
    content = '<!DOCTYPE container [<!ENTITY a "ha">]>' + container('a.xml')
    with pytest.raises(UnreadableError, match="declares the entity 'a'"):
        read_score(compressed(('META-INF/container.xml', content), ('a.xml', PLAIN)), 'a.mxl')


NOTE = '<note pname="{}" oct="4" dur="4" {}/>'


@pytest.mark.parametrize(
    ('music', 'found'),
    [
        ('{c}<app><rdg>{g}</rdg><lem>{d}</lem></app>{e}', [(0, 60), (1, 62), (2, 64)]),
        ('{c}<choice><sic>{g}</sic><corr>{d}</corr></choice>{e}', [(0, 60), (1, 62), (2, 64)]),
        ('{c}<choice><orig>{g}</orig><reg>{d}</reg></choice>{e}', [(0, 60), (1, 62), (2, 64)]),
        ('{c}<supplied>{d}</supplied><unclear>{e}</unclear>', [(0, 60), (1, 62), (2, 64)]),
        ('{c}<del>{g}</del><add>{d}</add>', [(0, 60), (1, 62)]),
        ('{c}<subst><del>{g}</del><add>{d}</add></subst>', [(0, 60), (1, 62)]),
        ('{c}<bTrem>{d}</bTrem>{e}', [(0, 60), (1, 62), (2, 64)]),
        ('{octave}{d}', [(0, 48), (1, 62)]),
        ('{grace}{c}{d}', [(0, 60), (1, 62)]),
        ('{cue}{d}', [(1, 62)]),
        ('<beam><tuplet num="2" numbase="2">{c}{d}</tuplet></beam>{e}', [(0, 60), (1, 62), (2, 64)]),
    ],
)
def test_mei_is_read_whole(music, found):
    pytest.importorskip('verovio')
    names = {name: NOTE.format(name, '') for name in 'cdeg'}
    names |= {'octave': NOTE.format('c', 'oct.ges="3"'), 'grace': NOTE.format('g', 'grace="acc"')}
    names['cue'] = NOTE.format('g', 'cue="true"')
    start, end = MEI.index('<note'), MEI.index('</layer>')
    (part,) = read_score((MEI[:start] + music.format(**names) + MEI[end:]).encode(), 'a.mei')
    assert list(zip(part.notes.onsets.tolist(), part.notes.pitches.tolist(), strict=True)) == found
    assert (part.name, part.notes.measure_numbers) == ('Viola', ('1',))


def measures_of(*contents):
    """MEI whose measures have these layers, or what stands in the measure instead."""
    start, end = MEI.index('<measure'), MEI.index('</section>')
    staff = '<staff n="1"><layer n="1">{}</layer></staff>'
    inside = [each if '<staff' in each else staff.format(each) for each in contents]
    measures = ''.join(f'<measure xml:id="m{i}" n="{i}">{each}</measure>' for i, each in enumerate(inside, start=1))
    return MEI[:start] + measures + MEI[end:]


def test_mei_that_verovio_does_not_sound_as_it_is_meant():
    """One measure each, in MEI's own words (guidelines 5.1): what is restored, beside an ossia, a copy, ..."""
    pytest.importorskip('verovio')
    c, d = NOTE.format('c', 'xml:id="c"'), NOTE.format('d', '')
    whole = f'<staff n="1"><layer n="1">{d}</layer></staff>'
    content = measures_of(
        f'<restore><del>{c}</del></restore>{d}',
        f'<ossia>{whole}<oStaff n="1"><oLayer>{c}{c}</oLayer></oStaff></ossia>'.replace(' xml:id="c"', ''),
        '<note copyof="#c"/>' + d,
        '<staff n="1"><layer n="1" cue="true">' + d + '</layer></staff>',
        NOTE.format('b', 'head.shape="slash"') + d,
        '<chord xml:id="x" dur="4"><note pname="c" oct="4"/><note pname="e" oct="4"/></chord>',
        '<staff n="1"/>',
    )
    content = content.replace('<measure xml:id="m7" n="7"><staff n="1"/></measure>', '<measure n="7" copyof="#m6"/>')
    content = content.replace('</measure><measure n="7"', '<arpeg startid="#x"/></measure><measure n="7"')
    (part,) = read_score(content.encode(), 'a.mei')
    assert len(part.notes.bars) == 8
    places = np.searchsorted(part.notes.bars, part.notes.onsets, side='right')
    since = part.notes.onsets - part.notes.bars[places - 1]
    found = list(zip(places.tolist(), since.tolist(), part.notes.pitches.tolist(), strict=True))
    assert found == [
        (1, 0, 60), (1, 1, 62), (2, 0, 62), (3, 0, 60), (3, 1, 62), (5, 1, 62), (6, 0, 60), (6, 0, 64), (7, 0, 60),
        (7, 0, 64),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ('content', 'error'),
    [
        (measures_of('<note copyof="#none"/>'), "a copy of 'none', which is not there"),
        (measures_of('<note dur="4" loc="4"/>'), 'a note without a pitch on staff 1'),
        (measures_of('<note dur="4" tab.course="1" tab.fret="2"/>'), 'verovio sounds none of 1 notes'),
        (
            MEI.replace('</section>', '<staffDef n="1" trans.semi="-2"/></section>'),
            'staff 1 changes its transposition, which verovio does not follow',
        ),
        (
            MEI.replace('<measure', '<scoreDef trans.semi="-2"/><measure'),
            'the score changes its transposition, which verovio does not follow',
        ),
        (measures_of('<mRpt/>'), 'a sign that repeats a measure that is not there, on staff 1'),
        (measures_of(NOTE.format('c', ''), '<mRpt2/>', ''), r'a sign that repeats other than one measure \(mRpt2\)'),
        (measures_of('<multiRest num="999999"/>'), 'copies of more than 200000 elements'),
    ],
)
def test_mei_that_is_not_read_whole_is_refused(content, error):
    pytest.importorskip('verovio')
    with pytest.raises(UnreadableError, match=f'^a.mei: {error}'):
        read_score(content.encode(), 'a.mei')


def test_copies_of_copies_do_not_grow_without_end():
    layer = '<layer xml:id="l0" n="1">' + NOTE.format('c', '') * 40 + '</layer>'
    for i in range(1, 6):
        layer += f'<layer xml:id="l{i}" n="1">' + f'<layer copyof="#l{i - 1}"/>' * 40 + '</layer>'
    content = measures_of(f'<staff n="1">{layer}</staff>')
    with pytest.raises(UnreadableError, match='copies of more than 200000 elements'):
        read_score(content.encode(), 'a.mei')


SPINES = '**kern\t**kern\n{}\n*M4/4\t*M4/4\n=1\t=1\n4C\t4c\n4D\t4d\n4E\t4e\n4F\t4f\n=\t=\n*-\t*-\n'


@pytest.mark.parametrize(
    ('told', 'names', 'programs', 'together'),
    [
        ('*Ipiano\t*Ipiano', ['Piano', 'Piano'], [0, 0], True),  # General MIDI: 0 is a grand piano, 73 a flute
        ('*Icemba\t*Icemba', ['Harpsichord', 'Harpsichord'], [6, 6], True),
        ('*Iflt\t*Iflt', ['Flute', 'Flute'], [73, 73], False),
        ('*Ivioln\t*Iflt', ['Flute', 'Violin'], [73, 40], False),
        ('*\t*', ['', ''], [None, None], False),
        # What is printed, by the reference of Humdrum; none of it is a program.
        ('*I"Organ\t*I"Organ', ['Organ', 'Organ'], [None, None], True),
        ('*I"Violin 2\t*I"Violin 1', ['Violin 1', 'Violin 2'], [None, None], False),
        ('*I"Violin\t*I"Violin', ['Violin', 'Violin'], [None, None], False),
        ('*I"Basso\t*I"Flauto\n*Icello\t*Iflt', ['Flauto', 'Basso'], [73, 42], False),
        ('*Icello\t*Iflt\n*I"Basso\t*I"Flauto', ['Flauto', 'Basso'], [73, 42], False),
        ('*I"\t*I" ', ['', ''], [None, None], False),
    ],
)
@pytest.mark.parametrize('mark', [b'', b'\xef\xbb\xbf'], ids=['', 'byte order mark'])
def test_spines_of_humdrum(told, names, programs, together, mark):
    parts = read_score(mark + SPINES.format(told).encode(), 'a.krn')
    assert [part.name for part in parts] == names
    assert [part.program for part in parts] == programs
    assert [part.notes.pitches.tolist() for part in parts] == [[60, 62, 64, 65], [48, 50, 52, 53]]
    assert (parts[0].instrument == parts[1].instrument) == together


def test_signs_of_mei_that_repeat_a_measure_and_rest_for_several():
    """MEI guidelines 4.2: mRpt repeats the measure before, multiRest stands for as many measures as its num says."""
    pytest.importorskip('verovio')
    c, d = NOTE.format('c', ''), NOTE.format('d', '')
    content = measures_of(c + d + c + d, '<mRpt/>', '<multiRest num="3"/>', '<mRpt/>', d)
    content = content.replace('n="4"><staff', 'n="6"><staff').replace('n="5"><staff', 'n="7"><staff')
    (part,) = read_score(content.encode(), 'a.mei')
    assert part.notes.onsets.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 24]
    assert part.notes.pitches.tolist() == [60, 62] * 4 + [62]
    assert part.notes.bars.tolist() == [0, 4, 8, 12, 16, 20, 24, 28]
    assert part.notes.measure_numbers == tuple('1234567')


def test_the_transposition_of_a_score_is_that_of_its_staves():
    pytest.importorskip('verovio')
    (written,) = read_score(MEI.encode(), 'a.mei')
    (part,) = read_score(MEI.replace('<scoreDef', '<scoreDef trans.semi="-12"').encode(), 'a.mei')
    assert (part.notes.pitches + 12).tolist() == written.notes.pitches.tolist()


def test_mei_of_two_movements_and_a_keyboard():
    pytest.importorskip('verovio')
    staves = (
        '<staffGrp symbol="brace" label="Piano"><staffDef n="1" lines="5"/><staffDef n="2" lines="5"/></staffGrp>'
        '<staffDef n="3" lines="1" clef.shape="perc" label="Drum"/>'
    )
    music = ''.join(
        f'<staff n="{n}"><layer n="1"><note pname="c" oct="{n + 2}" dur="1"/></layer></staff>' for n in (1, 2, 3)
    )
    start, end = MEI.index('<staffDef'), MEI.index('</staffGrp>')
    content = MEI[:start] + staves + MEI[end:]
    content = content[: content.index('<staff n=')] + music + content[content.index('</measure>') :]
    mdiv = content[content.index('<mdiv>') : content.index('</body>')]
    parts = read_score(content.replace('</body>', mdiv + '</body>').encode(), 'a.mei')
    assert [part.instrument for part in parts] == [0, 0, 2, 3, 3, 5]
    assert [part.piece for part in parts] == [0, 0, 0, 1, 1, 1]  # an mdiv is a movement (MEI guidelines)
    assert [part.name for part in parts] == ['Piano', 'Piano', 'Drum'] * 2
    assert [(part.is_drum, len(part.notes), part.notes.unpitched) for part in parts[:3]] == [
        (False, 1, 0), (False, 1, 0), (True, 0, 1),
    ]  # fmt: skip


def test_notes_that_verovio_loses_are_told():
    pytest.importorskip('verovio')
    content = MEI.replace(
        '<note pname="e" oct="4" dur="2"/>', '<unheardOf><note pname="e" oct="4" dur="2"/></unheardOf>'
    )
    with pytest.raises(UnreadableError, match=r'a.mei: verovio reads \d of 2 notes'):
        read_score(content.encode(), 'a.mei')


def test_without_verovio_mei_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, 'verovio', None)
    with pytest.raises(UnreadableError, match=r'a.mei: MEI needs verovio, pip install "music21-kdic\[mei\]"'):
        read_score(MEI.encode(), 'a.mei')


def test_a_time_limit_is_no_fault_of_the_file(monkeypatch, time_limit):
    error, strike = time_limit
    monkeypatch.setattr(converter, 'parse', strike)
    with pytest.raises(error):
        read_score(b'**kern\n4c\n*-\n', 'song.krn')
