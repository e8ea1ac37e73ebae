"""The contestants, a module each: `CONTESTANT` makes one. None imports another's library."""
