"""The MIDI reader under libFuzzer, which keeps the inputs that take new ways through our code.

``python -m tests.fuzz.atheris_midi CORPUS_FOLDER -max_total_time=3600 -rss_limit_mb=2048 -timeout=20``, where atheris
(Google) is installed; it is no requirement of any test. The first misfit ends the run, with a file of its bytes.
"""

import sys
from contextlib import suppress
from pathlib import Path


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=['music21_kdic']):
        from music21_kdic.errors import KdicError
        from music21_kdic.reading.midi import parse_midi
        from tests.fuzz.oracle import outcome_of_parts
        from tests.fuzz.seeds import midi_seeds

    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (suffix, content) in enumerate(midi_seeds()):
        (corpus / f'seed-{number}{suffix}').write_bytes(content)

    def one_input(content: bytes) -> None:
        with suppress(KdicError):
            outcome_of_parts(parse_midi(content, 'mutant'))

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == '__main__':
    main()
