"""``python -m export <verb>``: the training pipeline, one verb a step."""

from export.cli import main

if __name__ == '__main__':
    main()
