"""What is asked of an exhibit, and how an answer differs from another: by a change, or by what was pinned."""
