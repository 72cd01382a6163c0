"""The results page: its tables and figures, from stored answers."""
