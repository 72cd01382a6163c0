"""verovio in a process of its own, which a document may crash: MEI on standard input, what is read as JSON on output.

Run as ``python -m music21_kdic.reading.verovio_process``. The object has ``midi`` (base64), ``notes`` (how many notes
begin) and ``measures`` (where each begins, in quarter lengths, and what it is called); it is null for no score.
"""

import json
import os
import signal
import sys

LONGEST_SECONDS = 300  # an orphan ends by itself


def main() -> None:
    """Read one document."""
    import verovio

    if hasattr(signal, 'alarm'):
        signal.alarm(LONGEST_SECONDS)
    answer = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    with open(os.devnull, 'w', encoding='utf-8') as nothing:
        os.dup2(nothing.fileno(), 1)
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions({'breaks': 'none', 'expandNever': True})
    read = None
    if toolkit.loadData(sys.stdin.buffer.read().decode()):
        moments = toolkit.renderToTimemap({'includeMeasures': True})
        read = {
            'notes': sum(len(moment.get('on', ())) for moment in moments),
            'measures': [
                (moment['qstamp'], toolkit.getElementAttr(moment['measureOn']).get('n', ''))
                for moment in moments
                if 'measureOn' in moment
            ],
            'midi': toolkit.renderToMIDI(),
        }
    json.dump(read, answer)
    answer.flush()


if __name__ == '__main__':
    main()
