"""The experiment: does sound teach notes anything? Rows that are trained several times, and what follows from them."""
