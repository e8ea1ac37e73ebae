"""The exhibit Smaller: its words and markup, what its frame holds, and what it alone needs."""
