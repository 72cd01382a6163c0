"""Training: one loop, and what teachers and students learn from."""
