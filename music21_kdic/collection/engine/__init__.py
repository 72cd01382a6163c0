"""How a collection is gone through: inputs, worker processes, a journal, tables; the verbs are beside it."""
