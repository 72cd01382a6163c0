"""What ``--help`` says, and the exit statuses of the command line."""

from collections.abc import Mapping

from music21_kdic.classes import CLASSES
from music21_kdic.statuses import HEARD_MEANINGS, MEANINGS, Status

DONE, SOME_FAILED, USAGE, DISAGREEMENT, INTERRUPTED = 0, 1, 2, 3, 130
PATHS = 'files, folders, globs; corpus:NAME for a piece of the music21 corpus; - for a list on standard input'
OUTPUT = 'write a .csv, .jsonl or .parquet file; - for standard output'
RECORDINGS = 'WAV, FLAC or Ogg files, folders, globs; - for a list on standard input'


def _listed(meanings: Mapping[Status, str]) -> str:
    return '\n'.join(f'  {status:<14}{meaning}' for status, meaning in meanings.items())


ABOUT = f"""\
classes:
  {', '.join(CLASSES)};
  unknown where the notes say nothing, or not enough

statuses:
{_listed(MEANINGS)}

priors:
  equal         where any class may turn up, or to compare parts (default)
  training      for ordinary collections of pop and classical music, in which
                guitars, strings, pianos and basses outnumber organs and pipes

programs are counted from 0, as in MIDI messages: 0 is Acoustic Grand Piano, 40 Violin

exit status:
  {DONE} all files read, {SOME_FAILED} some could not be, {USAGE} wrong usage"""
ABOUT_LISTENING = f"""\
the networks have heard synthesizers only

classes:
  {', '.join(CLASSES)};
  what is none of them, and drums, is heard as a stem, but has no row

statuses:
{_listed(HEARD_MEANINGS)}

exit status:
  {DONE} all files read, {SOME_FAILED} some could not be, {USAGE} wrong usage"""
EXAMPLES = {
    'label': """\
  music21-kdic label song.mid                           a table on the terminal
  music21-kdic label songs/ -o labels.csv               all probabilities, for a spreadsheet
  music21-kdic label song.mid --instruments             also violin or cello, and so on
  music21-kdic label songs/ --priors training --sure    only what nine times in ten is right
  music21-kdic label --quiet songs/ -o - --format jsonl | jq .label""",
    'rank': """\
  music21-kdic rank --like guitar --top 20 melodies/
  music21-kdic rank --like bass songs/ -o ranking.csv""",
    'audit': """\
  music21-kdic audit songs/                             names and programs that the notes contradict
  music21-kdic audit --missing songs/ -o findings.csv   parts without a name or a program, too""",
    'tag': """\
  music21-kdic tag song.mid -o tagged.mid --dry-run     what would be added
  music21-kdic tag song.mid songs/ -o tagged/""",
    'listen': """\
  music21-kdic listen song.wav                          which classes sound, and when
  music21-kdic listen songs/ -o heard.csv               a row a class, for a spreadsheet
  music21-kdic listen song.flac --stems stems/ --picture song.svg""",
    'report': """\
  music21-kdic report song.mid -o song.html --explain   then open song.html in a browser
  music21-kdic report songs/ -o songs.html              the table of all parts, and pictures""",
    'serve': """\
  music21-kdic serve                                    says an address to open in a browser
  music21-kdic serve --port 8080 --jobs 2""",
}
