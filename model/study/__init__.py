"""What is computed of a pass without torch: sampling, lenses, routing, masks' costs, how a tokenizer cut a text."""
