"""The files that mutants are made of: small, made here in code or from music21's corpus, the same at every run."""

import io
import zipfile
from functools import cache
from xml.etree import ElementTree

import mido
import numpy as np
import soundfile
from music21 import common

from music21_kdic.model.session import SHIPPED
from tests.fuzz.mutate_audio import mend_pages

Seed = tuple[str, bytes]  # the file's ending, its content


def _chunks(kind: int, division: int, *tracks: bytes) -> bytes:
    header = kind.to_bytes(2, 'big') + len(tracks).to_bytes(2, 'big') + division.to_bytes(2, 'big')
    return b'MThd\0\0\0\6' + header + b''.join(b'MTrk' + len(track).to_bytes(4, 'big') + track for track in tracks)


# Two notes under running status, and the end of a track.
LOOSE = bytes([0, 0xC2, 24, 0, 0x92, 60, 64, 48, 64, 64, 48, 60, 0, 0, 64, 0, 0, 0xFF, 0x2F, 0])
SMPTE: Seed = ('.mid', _chunks(1, 0xE728, LOOSE))  # a division in frames, which is refused


@cache
def midi_seeds() -> tuple[Seed, ...]:
    """Small MIDI files that have between them all that the MIDI reader looks at."""
    song = _song()
    head = b'RIFF' + (len(song) + 12).to_bytes(4, 'little') + b'RMIDdata' + len(song).to_bytes(4, 'little')
    return (
        ('.mid', song),
        ('.mid', _meters()),
        ('.rmi', head + song),
        ('.mid', _chunks(0, 96, LOOSE)),
        SMPTE,
        ('.kar', _chunks(1, 96, LOOSE * 3, b'\0\xf0\5\x7e\x7f\x09\1\xf7' + LOOSE, b'')),
    )


def _song() -> bytes:
    """Bass, chords, a tune and drums, each on a track and channel of its own."""
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    for channel, name, program, pitches in (
        (0, 'Bass', 33, [28, 28, 31, 33] * 4),
        (1, 'Piano', 0, [60, 64, 67, 72] * 4),
        (2, 'Flöte', 73, [79, 81, 83, 84] * 4),
        (9, '', 0, [36, 38] * 8),
    ):
        track = mido.MidiTrack([mido.MetaMessage('track_name', name=name)])
        track.append(mido.Message('program_change', program=program, channel=channel))
        for pitch in pitches:
            track.append(mido.Message('note_on', note=pitch, channel=channel, velocity=64))
            track.append(mido.Message('note_off', note=pitch, channel=channel, time=48))
        file.tracks.append(track)
    return saved(file)


def _meters() -> bytes:
    """Changes of meter, tempo and program, bends, controllers and lyrics, all in one track."""
    track = mido.MidiTrack()
    for step, (numerator, denominator) in enumerate([(3, 4), (7, 8), (4, 4), (5, 16)]):
        track.append(mido.MetaMessage('time_signature', numerator=numerator, denominator=denominator))
        track.append(mido.MetaMessage('set_tempo', tempo=400_000 + 50_000 * step))
        track.append(mido.MetaMessage('lyrics', text='la'))
        track.append(mido.Message('program_change', program=40 + step))
        track.append(mido.Message('control_change', control=64, value=127))
        track.append(mido.Message('pitchwheel', pitch=200))
        for pitch in (60, 62, 64, 65, 67, 69):
            track.append(mido.Message('note_on', note=pitch, velocity=80))
            track.append(mido.Message('note_on', note=pitch, velocity=0, time=60))
        track.append(mido.Message('sysex', data=(0x7E, 0x7F, 9, 1)))
    return saved(mido.MidiFile(type=0, ticks_per_beat=120, tracks=[track]))


def saved(file: mido.MidiFile) -> bytes:
    """The file's bytes."""
    there = io.BytesIO()
    file.save(file=there)
    return there.getvalue()


CORPUS_PIECES = ('bach/bwv66.6.mxl', 'joplin/maple_leaf_rag.mxl', 'schoenberg/opus19/movement6.mxl')
MEASURES = 4  # of those pieces: small files are parsed, and go wrong, sooner

# A transposing instrument, an ottava, a triplet, grace notes, ties, voices, a repeat, chord symbols, percussion.
EVERYTHING = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "partwise.dtd">
<score-partwise version="4.0"><work><work-title>All</work-title></work><part-list>
<part-group type="start" number="1"><group-symbol>brace</group-symbol></part-group>
<score-part id="P1"><part-name>Clarinet</part-name><score-instrument id="P1-I1"><instrument-name>Clarinet in Bb
</instrument-name></score-instrument><midi-instrument id="P1-I1"><midi-channel>1</midi-channel>
<midi-program>72</midi-program></midi-instrument></score-part><part-group type="stop" number="1"/>
<score-part id="P2"><part-name>Drums</part-name></score-part></part-list>
<part id="P1"><measure number="0" implicit="yes"><attributes><divisions>6</divisions><key><fifths>2</fifths></key>
<time><beats>3</beats><beat-type>4</beat-type></time><clef><sign>G</sign><line>2</line></clef>
<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>
<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>90</per-minute></metronome>
</direction-type><sound tempo="90"/></direction>
<note><grace/><pitch><step>D</step><octave>5</octave></pitch><voice>1</voice><type>eighth</type></note>
<note><pitch><step>F</step><alter>1</alter><octave>4</octave></pitch><duration>6</duration><tie type="start"/>
<voice>1</voice><type>quarter</type><notations><tied type="start"/></notations></note></measure>
<measure number="1"><barline location="left"><repeat direction="forward"/></barline>
<harmony><root><root-step>G</root-step></root><kind>major</kind></harmony>
<direction><direction-type><octave-shift type="down" size="8"/></direction-type></direction>
<note><pitch><step>F</step><alter>1</alter><octave>4</octave></pitch><duration>6</duration><tie type="stop"/>
<voice>1</voice><type>quarter</type></note>
<note><chord/><pitch><step>A</step><octave>4</octave></pitch><duration>6</duration><voice>1</voice></note>
<note><pitch><step>C</step><alter>0.5</alter><octave>5</octave></pitch><duration>2</duration><voice>1</voice>
<type>eighth</type><time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>
</note><note><rest/><duration>4</duration><voice>1</voice></note>
<direction><direction-type><octave-shift type="stop" size="8"/></direction-type></direction>
<forward><duration>6</duration></forward><backup><duration>18</duration></backup>
<note><pitch><step>E</step><octave>4</octave></pitch><duration>18</duration><voice>2</voice><dot/></note>
<barline location="right"><bar-style>light-heavy</bar-style><ending number="1" type="stop"/>
<repeat direction="backward" times="2"/></barline></measure></part>
<part id="P2"><measure number="0"><attributes><divisions>1</divisions><clef><sign>percussion</sign></clef></attributes>
<note><unpitched><display-step>E</display-step><display-octave>4</display-octave></unpitched><duration>1</duration>
</note></measure><measure number="1"><note><rest measure="yes"/><duration>3</duration></note></measure></part>
</score-partwise>
"""
MEI = """<?xml version="1.0" encoding="UTF-8"?>
<mei xmlns="http://www.music-encoding.org/ns/mei"><meiHead><fileDesc><titleStmt><title>All</title></titleStmt></fileDesc>
</meiHead><music><body><mdiv><score><scoreDef meter.count="4" meter.unit="4" key.sig="2s"><staffGrp>
<staffDef n="1" label="Horn" lines="5" clef.shape="G" clef.line="2" trans.diat="-4" trans.semi="-7"/>
<staffDef n="2" lines="5" clef.shape="F" clef.line="4"/></staffGrp></scoreDef><section>
<measure n="1"><staff n="1"><layer n="1"><note xml:id="a" pname="c" oct="4" dur="4" dots="1"/>
<note xml:id="b" pname="d" oct="4" dur="8" tie="i"/><beam><note pname="d" oct="4" dur="8" tie="t"/>
<note pname="e" oct="4" dur="8" accid.ges="s"/></beam><tuplet num="3" numbase="2"><note pname="f" oct="4" dur="8"/>
<note pname="g" oct="4" dur="8"/><rest dur="8"/></tuplet></layer></staff>
<staff n="2"><layer n="1"><chord dur="1"><note pname="c" oct="3"/><note pname="g" oct="3"/></chord></layer></staff>
<slur startid="#a" endid="#b"/></measure>
<measure n="2" right="rptend"><staff n="1"><layer n="1"><note pname="c" oct="5" dur="2" grace="acc"/>
<note pname="c" oct="5" dur="1"/></layer></staff><staff n="2"><layer n="1"><mRest/></layer></staff></measure>
</section></score></mdiv></body></music></mei>
"""
ABC = """X:1
T:All
M:6/8
L:1/8
Q:3/8=90
K:Dmaj
V:1
|:"D"A2d f>ed|(3efg {a}b2-b ^c=c_c|1 [DFA]3 z3:|2 d'6||
M:3/4
K:G
G,4 A,/B,/c|"G7"!trill!g6|]

X:2
T:Another
M:C
K:none
CDEF GABc|]
"""
KRN = """!!!COM: Nobody
**kern\t**kern
*Ipiano\t*Iflt
*clefF4\t*clefG2
*k[f#]\t*k[f#]
*M4/4\t*M4/4
=1\t=1
4GG\t[8g
.\t8a]
4BB 4D\t12b
.\t12cc#
.\t12dd
*^\t*
4E\t2r\t(2.ee;
4F\t.\t.
*v\t*v\t*
=2:|!\t=2:|!
1G\t1gggq
==\t==
*-\t*-
"""


@cache
def score_seeds() -> tuple[Seed, ...]:
    """Small scores in every format that is read."""
    pieces = [_first_measures(name) for name in CORPUS_PIECES]
    return (
        *(('.musicxml', piece) for piece in pieces),
        *[('.musicxml', EVERYTHING.encode())] * 3,
        ('.xml', EVERYTHING.replace('UTF-8', 'UTF-16').encode('utf-16')),
        ('.mxl', compressed(EVERYTHING.encode())),
        ('.mei', MEI.encode()),
        ('.abc', ABC.encode()),
        ('.krn', KRN.encode()),
    )


def _first_measures(name: str) -> bytes:
    """The first measures of a piece of the corpus, read as XML: what music21 itself writes differs every time."""
    with zipfile.ZipFile(common.getCorpusFilePath() / name) as archive:
        inside = next(inside for inside in archive.namelist() if 'META-INF' not in inside)
        score = ElementTree.fromstring(archive.read(inside))
    for part in score.iter('part'):
        for measure in part.findall('measure')[MEASURES:]:
            part.remove(measure)
    return ElementTree.tostring(score, 'utf-8', xml_declaration=True)


def compressed(score: bytes) -> bytes:
    """A compressed MusicXML file, the same at any time of day."""
    there = io.BytesIO()
    with zipfile.ZipFile(there, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in (('META-INF/container.xml', b'<container/>'), ('score.xml', score)):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return there.getvalue()


@cache
def model_seeds() -> tuple[Seed, ...]:
    """The shipped network for parts by themselves."""
    return (('.onnx', (SHIPPED / 'part.onnx').read_bytes()),)


@cache
def audio_seeds() -> tuple[Seed, ...]:
    """Short recordings in every format that is read."""
    moments = np.arange(4000) / 8000
    tones = np.stack([np.sin(2 * np.pi * pitch * moments) / 3 for pitch in (220, 1000)], axis=1)
    found = []
    for suffix, kind, subtype, channels in (
        ('.wav', 'WAV', 'PCM_16', 1),
        ('.wav', 'WAV', 'FLOAT', 2),
        ('.wav', 'WAVEX', 'PCM_24', 2),
        ('.wav', 'WAV', 'IMA_ADPCM', 1),
        ('.flac', 'FLAC', 'PCM_16', 2),
        ('.ogg', 'OGG', 'VORBIS', 2),
        ('.ogg', 'OGG', 'OPUS', 1),
    ):
        there = io.BytesIO()
        soundfile.write(there, tones[:, :channels], 8000, subtype, format=kind)
        content = there.getvalue()
        # Each Ogg stream gets a random number, and each WAV file of floats the time of day.
        if (peak := content.find(b'PEAK')) >= 0:
            content = content[: peak + 12] + bytes(4) + content[peak + 16 :]
        found.append((suffix, mend_pages(content, b'kdic') if kind == 'OGG' else content))
    return tuple(found)
