"""``python -m tests.fuzz --reader midi --count 14000``: a tally as a Markdown table, and what broke the promise."""

import argparse
import sys
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from tests.fuzz.mutants import SEEDS
from tests.fuzz.run import MISFITS, SECONDS, Tally, fuzz


def main() -> int:
    """Run the fuzzer; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog='python -m tests.fuzz', description='Give damaged files to the readers.')
    parser.add_argument('--reader', choices=[*SEEDS], required=True)
    parser.add_argument('--count', type=int, default=1000, help='how many mutants (default: %(default)d)')
    parser.add_argument('--first', type=int, default=0, metavar='NUMBER', help='of the first mutant (default: 0)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=1, help='worker processes (default: 1)')
    parser.add_argument(
        '--timeout', type=float, default=SECONDS, metavar='S', help='seconds a mutant may take (default: %(default)g)'
    )
    parser.add_argument('--keep', type=Path, metavar='FOLDER', help='write the misfits there')
    args = parser.parse_args()
    tally = Tally(args.reader)
    numbers = tqdm(range(args.first, args.first + args.count), unit='mutant', disable=None)
    for mutant, found in fuzz(args.reader, numbers, args.seed, args.jobs, seconds=args.timeout):
        tally.add(found)
        if found.outcome in MISFITS:
            print(
                f'{args.reader} {args.seed} {found.number}: {found.outcome} {found.error}', file=sys.stderr, flush=True
            )
            if args.keep:
                args.keep.mkdir(parents=True, exist_ok=True)
                name = f'{args.reader}-{args.seed}-{found.number}-{found.outcome}{mutant.suffix}'
                (args.keep / name).write_bytes(mutant.content)
    print(tabulate([tally.row()], headers='keys', tablefmt='github'))
    return 1 if tally.misfits else 0


if __name__ == '__main__':
    sys.exit(main())
