"""Published models: what their papers and configuration files state of them, and what follows from that.

`shape` says what one is made of, `table` reads `models.json`, in which every number has its source, and the rest are
formulas: `parameters`, `flops` and `cache`. No torch here, and no weights.
"""
