"""Models while they run: a pass, speculative decoding, what is kept of them by bytes, and how one is fetched."""
