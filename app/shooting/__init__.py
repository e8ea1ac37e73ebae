"""Figures from a command line: `cutaway shoot` drives the real page in a Chromium without windows, and saves what the
page's own sheet makes. Serving needs none of it; it needs Playwright, `cutaway[figures]`.
"""
