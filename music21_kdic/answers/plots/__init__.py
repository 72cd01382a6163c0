"""Pictures of the answers, drawn with matplotlib (the extra ``plot``): one module for each kind of picture."""
