"""MusicXML in which a part says how many staves it has, and each of its notes on which one it stands.

A note without ``staff`` is on the first one; TuxGuitar numbers the staff of each note, and writes no ``staves``.
music21 would put such a note on every staff, and all staves of such a part on one.
"""

from xml.etree.ElementTree import Element, SubElement

from music21_kdic.reading.musicxml_pitch import staff_of


def number_staves(part: Element) -> None:
    """Write down how many staves a part has, and of several the one of each note.

    Raises:
        ValueError: where a number of staves is none.
    """
    notes = part.findall('measure/note')
    written = part.findall('measure/attributes/staves')
    count = max((int(staves.text or 1) for staves in written), default=1)
    highest = max((int(staff) for staff in map(staff_of, notes) if staff.isdecimal()), default=1)
    attributes = part.find('measure/attributes')
    if highest > count and attributes is not None:
        staves = attributes.find('staves')
        (SubElement(attributes, 'staves') if staves is None else staves).text = str(highest)
    if max(highest, count) > 1:
        for note in notes:
            if note.find('staff') is None:
                SubElement(note, 'staff').text = '1'
