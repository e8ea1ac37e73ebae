"""The page around the exhibits: its hosts, its markup, its walk, and the answers to what it asks."""
