"""Held against the table of classes, and against what General MIDI's list says of some programs."""

from music21_kdic.classes import CLASS_PROGRAMS
from music21_kdic.reading.general_midi import INSTRUMENTS, family_name, instrument_name, program_named

# From the MIDI Association's "General MIDI Level 1 Sound Set", which counts from 1.
LISTED = {
    1: 'Acoustic Grand Piano', 10: 'Glockenspiel', 24: 'Tango Accordion', 25: 'Acoustic Guitar (nylon)',
    40: 'Synth Bass 2', 41: 'Violin', 48: 'Timpani', 57: 'Trumpet', 72: 'Clarinet', 80: 'Ocarina',
    88: 'Lead 8 (bass + lead)', 96: 'Pad 8 (sweep)', 106: 'Banjo', 115: 'Steel Drums', 128: 'Gunshot',
}  # fmt: skip


def test_each_program_has_a_name_of_its_own():
    assert len(set(INSTRUMENTS)) == 128
    assert {number: instrument_name(number - 1) for number in LISTED} == LISTED
    assert {program_named(name) + 1: name for name in LISTED.values()} == LISTED
    assert [program_named(name) for name in (' gunshot', 'OCARINA', 'Synth Bass', '')] == [127, 79, None, None]


def test_classes_are_families():
    for label, programs in CLASS_PROGRAMS.items():
        families = {family_name(program) for program in programs}
        assert families == ({'Strings', 'Ensemble'} if label == 'Strings' else {label})
