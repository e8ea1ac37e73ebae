"""The real page in a real browser. A package, so that its server and its browser live as long as its tests, and no
longer: Playwright's event loop would be found running by whatever the same process tests next.
"""
