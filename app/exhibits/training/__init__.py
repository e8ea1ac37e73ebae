"""The exhibit Training: its words and markup, what its frame holds, and what it alone needs."""
