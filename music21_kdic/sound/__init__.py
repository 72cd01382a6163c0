"""Recordings: what is heard in them, class by class."""
