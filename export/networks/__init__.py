"""The networks: teachers, students, and what they read."""
