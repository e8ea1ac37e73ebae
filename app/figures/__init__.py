"""What the page's figures take from the server: faces cut to what they write, numbers with labels, and the lines of
Python that compute them.
"""
